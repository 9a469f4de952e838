//! The images of the run, and what each step of their making added.

use super::markup::text;
use super::{bytes, percent};
use crate::report::style::count;
use crate::run::layers::{ImageLayers, LayerStep};
use crate::run::outcome::Outcome;

/// How many images are shown.
const MOST: usize = 100;

/// The section; nothing where no image was needed.
pub fn of(outcome: &Outcome) -> String {
    let images = &outcome.images;
    if images.is_empty() {
        return String::new();
    }
    let shown: String = images.iter().take(MOST).map(image).collect();
    let more = match images.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(
            "<p class=\"more\">{}: report.json has all.</p>\n",
            count(more, "more image")
        ),
    };
    format!(
        "<section id=\"images\" aria-labelledby=\"images-title\">\n<h2 id=\"images-title\">Images</h2>\n{shown}{more}</section>"
    )
}

fn image(image: &ImageLayers) -> String {
    let id = image.id.strip_prefix("sha256:").unwrap_or(&image.id);
    let id = text(id.get(..12).unwrap_or(id));
    let adding: Vec<&LayerStep> = image.steps.iter().filter(|step| step.size > 0).collect();
    let most = adding.iter().map(|step| step.size).max().unwrap_or(0);
    let rows: String = adding
        .iter()
        .map(|step| row(step, image.size, most))
        .collect();
    let empty = image.steps.len() - adding.len();
    let mut said = Vec::new();
    if image.steps.is_empty() {
        said.push("The engine does not tell how it was made.".to_owned());
    }
    if empty > 0 {
        said.push(format!("{} added nothing.", count(empty, "more step")));
    }
    if image.left_out > 0 {
        said.push(format!(
            "{} before these are not kept.",
            count(image.left_out, "step")
        ));
    }
    let said = match said.is_empty() {
        true => String::new(),
        false => format!("<p class=\"line\">{}</p>\n", said.join(" ")),
    };
    let table = match rows.is_empty() {
        true => String::new(),
        false => format!(
            "<table class=\"layers\">\n<thead><tr><th scope=\"col\">Size</th><th scope=\"col\">Step</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n"
        ),
    };
    format!(
        "<details class=\"image\" open><summary><h3>{}</h3> <b>{}</b> <code>{id}</code></summary>\n{table}{said}</details>\n",
        text(&image.name),
        bytes(image.size)
    )
}

fn row(step: &LayerStep, whole: u64, most: u64) -> String {
    let share = percent(step.size, whole);
    let share = share.split('.').next().unwrap_or_default();
    format!(
        "<tr><td><b>{}</b> <span class=\"line\">{share} %</span><svg class=\"share\" aria-hidden=\"true\"><rect width=\"{}%\" height=\"100%\"/></svg></td><td><code>{}</code></td></tr>\n",
        bytes(step.size),
        percent(step.size, most),
        text(said(&step.by))
    )
}

/// The command as a Dockerfile has it, without what the builder puts before it.
fn said(by: &str) -> &str {
    let by = by.strip_prefix("/bin/sh -c ").unwrap_or(by);
    by.trim_start().trim_start_matches("#(nop)").trim()
}
