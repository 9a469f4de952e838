//! How the page looks: on a screen, in the dark, on a phone, on paper.

use serde_json::json;

use super::browser::{Browser, Result};
use super::made;
use super::works::Named;

/// Where pictures go for those who want to see them.
const PICTURES: &str = "PICTURES";

pub(crate) fn trials() -> Vec<Named> {
    vec![
        ("a_phone_shows_it_without_scrolling_sideways", phone),
        (
            "it_is_dark_where_that_is_preferred_and_can_be_read_in_both",
            dark,
        ),
        ("thousands_of_cases_are_shown_and_searched_at_once", many),
    ]
}

fn keep(browser: &mut Browser, name: &str, whole: bool) -> Result {
    let picture = browser.picture(whole)?;
    if let Some(folder) = std::env::var_os(PICTURES) {
        let path = std::path::Path::new(&folder).join(name);
        std::fs::write(path, &picture).map_err(|e| e.to_string())?;
    }
    match picture.len() {
        0..2000 => Err(format!("{name} shows nothing")),
        _ => Ok(()),
    }
}

/// What stands out of a window of that width, by its class or its name. What is too wide makes the window of a phone
/// wider than its screen, so that the window itself is not asked.
fn wider(width: u32) -> String {
    format!(
        "Array.from(document.querySelectorAll('body *')).filter(e => {{ if (e.closest('.lanes, .wide, nav, .skip') || !e.checkVisibility()) return false; const r = e.getBoundingClientRect(); return r.width > 0 && (r.right > {width} + 1 || r.left < -1); }}).map(e => `${{e.tagName}}.${{e.getAttribute('class')}}`).slice(0, 5)"
    )
}

fn phone() -> Result {
    let (_folder, path) = made::page(&made::failing())?;
    let mut browser = Browser::start()?;
    for (width, height) in [(360, 740), (320, 600)] {
        browser.size(width, height)?;
        browser.open(&path, "")?;
        browser.press(&["o"])?;
        browser.value("document.querySelectorAll('details').forEach(e => { e.open = true; })")?;
        browser.is(&wider(width), &json!([]))?;
        browser.is("document.documentElement.scrollWidth", &json!(width))?;
        if width == 360 {
            keep(&mut browser, "phone.png", true)?;
        }
    }
    browser.prefers("dark")?;
    browser.size(360, 740)?;
    browser.open(&path, "")?;
    keep(&mut browser, "phone-dark.png", false)?;
    browser.value("document.querySelector('#timeline').scrollIntoView()")?;
    keep(&mut browser, "phone-timeline.png", false)
}

/// The lowest contrast of a text on its ground, of those that are seen, and what it is of.
const CONTRAST: &str = r"(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return Array.from(canvas.getImageData(0, 0, 1, 1).data); };
  const light = ([r, g, b]) => [r, g, b].map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }).reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255, 255]; };
  let lowest = [99, ''];
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility() || e.closest('svg, script, dialog') || !Array.from(e.childNodes).some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < lowest[0]) lowest = [contrast, `${e.tagName}.${e.className} in ${e.parentElement.className}`];
  }
  return lowest;
})()";

fn dark() -> Result {
    let (_folder, path) = made::page(&made::failing())?;
    let mut browser = Browser::start()?;
    browser.size(1280, 900)?;
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefers(scheme)?;
        browser.open(&path, "")?;
        let ground = browser.value("getComputedStyle(document.body).backgroundColor")?;
        grounds.push(ground);
        let lowest = browser.value(CONTRAST)?;
        if lowest[0].as_f64().unwrap_or_default() < 4.5 {
            return Err(format!("{scheme}: {lowest}"));
        }
        keep(&mut browser, &format!("{scheme}.png"), true)?;
    }
    browser.is_quiet()?;
    match grounds.as_slice() {
        [light, dark] if light != dark => Ok(()),
        all => Err(format!("{all:?}")),
    }
}

fn many() -> Result {
    let (_folder, path) = made::page(&made::passing(4000))?;
    let mut browser = Browser::start()?;
    browser.size(1280, 900)?;
    browser.open(&path, "")?;
    browser.is("document.querySelector('h1').textContent", &json!("Passed"))?;
    keep(&mut browser, "passing.png", false)?;
    browser.press(&["/", "3", "9", "9", "9"])?;
    browser.is(
        "document.querySelector('#found').textContent",
        &json!("1 of 4000 cases"),
    )?;
    keep(&mut browser, "found.png", false)?;
    browser.is_quiet()
}
