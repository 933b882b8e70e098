//! `templates …`

use serde::Serialize;
use serde_json::json;

use crate::app::documents::DataDocument;
use crate::cli::context::Context;
use crate::cli::editor;
use crate::cli::output::{Outcome, Table, clean};
use crate::domain::{Error, ErrorKind};
use crate::files;
use crate::settings::{SKELETON, Template, Templates};

#[derive(Serialize)]
struct TemplateData<'a> {
    name: &'a str,
    about: &'a str,
    model: Option<&'a str>,
    variables: Vec<&'a str>,
    takes_input: bool,
}

impl<'a> TemplateData<'a> {
    fn new(template: &'a Template) -> Self {
        Self {
            name: &template.name,
            about: &template.about,
            model: template.model.as_deref(),
            variables: template.variables(),
            takes_input: template.takes_input(),
        }
    }
}

async fn templates(context: &Context) -> Outcome<Templates> {
    Ok(context.settings().await?.paths.templates()?)
}

/// `templates list`: a broken one is a warning.
pub(super) async fn list(context: &Context) -> Outcome {
    let templates = templates(context).await?;
    let mut found = Vec::new();
    for name in templates.names() {
        match templates.load(&name) {
            Ok(template) => found.push(template),
            Err(error) => context.output.warn(error.message()),
        }
    }
    if found.is_empty() && !context.output.policy().is_json() {
        context.output.note("no templates; `qwenctl templates edit NAME` makes one");
    }
    let data: Vec<_> = found.iter().map(TemplateData::new).collect();
    context.output.list(&DataDocument::new(&data), &data, |view| {
        let mut table = Table::new(&["NAME", "ABOUT", "VARIABLES"], 1);
        for one in &data {
            table.row([one.name.to_owned(), one.about.to_owned(), one.variables.join(", ")]);
        }
        table.render(view)
    })
}

/// `templates show`
pub(super) async fn show(context: &Context, name: &str) -> Outcome {
    let templates = templates(context).await?;
    let text = templates.text(name)?;
    if !context.output.policy().is_json() {
        return context.output.text(&clean(&text));
    }
    let template = Template::parse(name, &text)?;
    let mut document = json!(TemplateData::new(&template));
    document["text"] = text.into();
    context.output.document(&DataDocument::new(document))
}

/// `templates edit`: one that is not valid stays as it was.
pub(super) async fn edit(context: &Context, name: &str) -> Outcome {
    let templates = templates(context).await?;
    let path = templates.path(name)?;
    let before = match templates.text(name) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error.into()),
    };
    let begin = if before.is_empty() { SKELETON } else { &before };
    let mut after = editor::edit(&context.environment, begin).await?;
    after.push('\n');
    if after == before {
        context.output.note("nothing has changed");
        return Ok(());
    }
    if let Err(error) = Template::parse(name, &after) {
        editor::keep(&context.output, &after);
        return Err(error.into());
    }
    let stored = files::create_private_directory(templates.directory())
        .and_then(|()| files::write_whole(&path, after.as_bytes(), true));
    let shown = path.display().to_string();
    if let Err(fault) = stored {
        editor::keep(&context.output, &after);
        return Err(Error::invalid(format!("cannot write the template {shown}: {fault}")).into());
    }
    context.output.result(&DataDocument::new(json!({ "path": shown })), |_| format!("{shown}\n"))
}

/// `templates path`
pub(super) async fn path(context: &Context, name: Option<&str>) -> Outcome {
    let templates = templates(context).await?;
    let path = match name {
        Some(name) => templates.path(name)?,
        None => templates.directory().to_owned(),
    };
    let shown = path.display().to_string();
    context.output.result(&DataDocument::new(json!({ "path": shown })), |_| format!("{shown}\n"))
}
