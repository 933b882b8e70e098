// The entry point: the texts, the icons, and the app.

import { copyFormulas } from "./answer.js";
import { startApp } from "./app.js";
import { translatePage } from "./i18n.js";
import { placeIcons } from "./icons.js";

translatePage(document);
placeIcons(document);
copyFormulas();
startApp();
