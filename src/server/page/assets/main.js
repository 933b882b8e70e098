// The entry point: the texts, the icons, and the app.

import { startApp } from "./app.js";
import { copyFormulas } from "./copy.js";
import { translatePage } from "./i18n.js";
import { placeIcons } from "./icons.js";

translatePage(document);
placeIcons(document);
copyFormulas();
startApp();
