//! What a reader does with the page.

use serde_json::json;

use super::browser::{Browser, Result};
use super::made;

/// A test and its name.
pub(crate) type Named = (&'static str, fn() -> Result);

/// How many cases are shown, by their verdicts.
const SHOWN: &str = "Array.from(document.querySelectorAll('.case')).filter(e => e.checkVisibility() || (!e.hidden && e.closest('.suite') && !e.closest('.suite').hidden)).map(e => e.dataset.verdict).sort().join(' ')";
/// Of which case the focus is.
const FOCUSED: &str =
    "document.activeElement.closest('.case')?.querySelector('.name').textContent ?? ''";

pub(crate) fn trials() -> Vec<Named> {
    vec![
        ("a_page_complains_of_nothing_and_asks_for_nothing", quiet),
        (
            "what_did_not_pass_is_unfolded_and_the_rest_is_folded",
            folded,
        ),
        ("cases_are_found_by_words_and_the_address_says_which", found),
        ("cases_are_chosen_by_verdict_tag_and_requirement", chosen),
        (
            "a_link_to_a_case_unfolds_it_even_where_it_was_filtered_out",
            linked,
        ),
        ("keys_go_from_case_to_case", keys),
        ("the_timeline_tells_of_each_bar_and_comes_nearer", bars),
        ("a_page_can_be_read_without_its_script", without),
        ("what_a_log_says_is_no_script", hostile),
    ]
}

fn opened(hash: &str) -> Result<(Browser, tempfile::TempDir)> {
    let (folder, path) = made::page(&made::failing())?;
    let mut browser = Browser::start()?;
    browser.open(&path, hash)?;
    Ok((browser, folder))
}

fn quiet() -> Result {
    let (mut browser, _folder) = opened("")?;
    browser.press(&["/", "x", "Escape", "j", "Enter", "?", "Escape"])?;
    browser.is_quiet()?;
    // That what breaks the policy would have been noticed.
    let broken = "new Promise((done) => { addEventListener('securitypolicyviolation', () => done(true)); document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x' })); })";
    browser.soon(broken)?;
    browser.complains_of("Content Security Policy")
}

fn folded() -> Result {
    let (mut browser, _folder) = opened("")?;
    browser.is("document.querySelector('h1').textContent", &json!("Failed"))?;
    let open = "Array.from(document.querySelectorAll('.case[open] .name')).map(e => e.textContent)";
    let names = [
        "serves TLS as an unprivileged user",
        "survives an outage of its database",
    ];
    browser.is(open, &json!(names))?;
    browser.is(
        "document.querySelectorAll('.suite[open]').length",
        &json!(0),
    )?;
    browser.is(
        "document.querySelector('.case.failed mark').textContent",
        &json!("whoami: "),
    )?;
    browser.click(".suite summary")?;
    browser.is(
        "document.querySelectorAll('.suite[open]').length",
        &json!(1),
    )
}

fn found() -> Result {
    let (mut browser, _folder) = opened("")?;
    browser.is(SHOWN, &json!("errored failed passed passed passed skipped"))?;
    browser.press(&["/", "n", "e", "e", "d", "l", "e"])?;
    browser.is(SHOWN, &json!("failed"))?;
    browser.is(
        "document.querySelector('#found').textContent",
        &json!("1 of 6 cases"),
    )?;
    browser.is("location.hash", &json!("#?q=needle"))?;
    browser.press(&["Escape", "Escape"])?;
    browser.soon("location.hash === ''")?;
    browser.is(SHOWN, &json!("errored failed passed passed passed skipped"))?;
    browser.press(&["/", "z", "z", "z"])?;
    browser.is(SHOWN, &json!(""))?;
    browser.is(
        "document.querySelector('#found').textContent",
        &json!("0 of 6 cases"),
    )?;
    browser.is_quiet()
}

fn chosen() -> Result {
    let (mut browser, _folder) = opened("#?tag=slow&verdict=passed,failed")?;
    browser.is(SHOWN, &json!("failed passed"))?;
    browser.is("document.querySelector('#tag').value", &json!("slow"))?;
    // What is found is not hidden in a folded suite.
    browser.is(
        "document.querySelectorAll('.suite[open]').length",
        &json!(1),
    )?;
    browser.click("[value=failed]")?;
    browser.is(SHOWN, &json!("passed"))?;
    browser.click("#anew")?;
    browser.soon("location.hash === ''")?;
    browser.is(
        "document.querySelectorAll('.suite[open]').length",
        &json!(0),
    )?;
    let choose = "(() => { const s = document.querySelector('#requirement'); s.value = 'G1'; s.dispatchEvent(new Event('input', { bubbles: true })); })()";
    browser.value(choose)?;
    browser.is(SHOWN, &json!("passed"))?;
    browser.is("location.hash", &json!("#?requirement=G1"))?;
    browser.is_quiet()
}

fn linked() -> Result {
    let (mut browser, _folder) = opened("#case-gateway-survives-a-crash")?;
    browser.soon(&format!("({FOCUSED}) === 'survives a crash'"))?;
    browser.is("document.activeElement.parentElement.open", &json!(true))?;
    browser.press(&["/", "o", "u", "t", "a", "g", "e"])?;
    browser.is(SHOWN, &json!("errored"))?;
    browser.value("location.hash = '#case-gateway-is-small'")?;
    browser.soon(&format!("({FOCUSED}) === 'is small'"))?;
    browser.is("document.querySelector('#query').value", &json!(""))?;
    // The table of requirements leads there too.
    browser.click("#requirements a[href='#case-gateway-survives-a-crash']")?;
    browser.soon(&format!("({FOCUSED}) === 'survives a crash'"))?;
    // An address that was cut on its way.
    browser.value("location.hash = '#case-%E0%A4%A'")?;
    browser.is_quiet()
}

fn keys() -> Result {
    let (mut browser, _folder) = opened("")?;
    browser.press(&["j"])?;
    browser.is(FOCUSED, &json!("serves TLS as an unprivileged user"))?;
    browser.press(&["j"])?;
    browser.is(FOCUSED, &json!("survives an outage of its database"))?;
    let open = "document.activeElement.parentElement.open";
    browser.is(open, &json!(true))?;
    browser.press(&["Enter"])?;
    browser.is(open, &json!(false))?;
    // Into a folded suite.
    browser.press(&["j"])?;
    browser.is(FOCUSED, &json!("is small"))?;
    browser.press(&["k", "k"])?;
    browser.is(FOCUSED, &json!("serves TLS as an unprivileged user"))?;
    browser.press(&["c"])?;
    browser.is("document.querySelectorAll('.case[open]').length", &json!(0))?;
    browser.press(&["o"])?;
    browser.is("document.querySelectorAll('.case[open]').length", &json!(6))?;
    browser.press(&["?"])?;
    browser.is("document.querySelector('#help').open", &json!(true))?;
    browser.press(&["Escape"])?;
    browser.soon("!document.querySelector('#help').open")?;
    // What is written into the field is no command.
    browser.press(&["/", "c"])?;
    browser.is("document.querySelector('#query').value", &json!("c"))?;
    let ring = "(() => { document.querySelector('.case summary').focus(); return getComputedStyle(document.activeElement).outlineStyle; })()";
    browser.is(ring, &json!("solid"))
}

fn bars() -> Result {
    let (mut browser, _folder) = opened("")?;
    let told = "document.querySelector('#bar').textContent";
    browser.value("document.querySelector('.lanes').focus()")?;
    browser.press(&["ArrowDown"])?;
    browser.is(
        told,
        &json!("the run: finds the engine: 30 ms (from 0 ms to 30 ms)"),
    )?;
    browser.press(&["ArrowDown"])?;
    browser.is(
        told,
        &json!("image fixtures/gateway: builds: built: 2.0 s (from 40 ms to 2.1 s)"),
    )?;
    // Upwards to what was not over when this began.
    let last = json!("the run: removes what is left: 0.50 s (from 11.9 s to 12.4 s)");
    browser.press(&["ArrowUp"])?;
    browser.is(told, &last)?;
    browser.press(&["ArrowLeft"])?;
    browser.is(
        told,
        &json!("the run: finds the engine: 30 ms (from 0 ms to 30 ms)"),
    )?;
    browser.press(&["ArrowRight", "ArrowRight"])?;
    browser.is(told, &last)?;
    let width = "Math.round(document.querySelector('.plot').offsetWidth / document.querySelector('.lanes').clientWidth)";
    browser.is(width, &json!(1))?;
    browser.press(&["+", "+"])?;
    browser.is(width, &json!(4))?;
    browser.press(&["0"])?;
    browser.is(width, &json!(1))?;
    browser.click("#nearer")?;
    browser.is(width, &json!(2))?;
    // Bars stand where their times are: the first of the container `db` begins at 2.3 of 12.4 seconds.
    let at = "(() => { const bar = Array.from(document.querySelectorAll('.lane')).find(l => l.textContent.startsWith('container db')).querySelector('rect'); const svg = bar.ownerSVGElement.getBoundingClientRect(); return Math.round((bar.getBoundingClientRect().x - svg.x) / svg.width * 1000); })()";
    let place = browser.value(at)?.as_i64().unwrap_or_default();
    if (183..=187).contains(&place) {
        return browser.is_quiet();
    }
    Err(format!("the bar is at {place} of 1000"))
}

fn without() -> Result {
    let (folder, path) = made::page(&made::failing())?;
    let mut browser = Browser::start()?;
    browser.scripts(false)?;
    browser.open(&path, "")?;
    browser.is(
        "document.querySelector('#filter').checkVisibility()",
        &json!(false),
    )?;
    let open = "document.querySelectorAll('.case[open]').length";
    browser.is(open, &json!(2))?;
    browser.is("document.body.innerText.includes('expected')", &json!(true))?;
    browser.click(".suite summary")?;
    browser.is(
        "document.querySelectorAll('.suite[open]').length",
        &json!(1),
    )?;
    drop(folder);
    Ok(())
}

fn hostile() -> Result {
    let (mut browser, _folder) = opened("")?;
    browser.is("document.scripts.length", &json!(1))?;
    let log = "document.querySelector('.evidence pre').textContent.includes(\"<script>alert('needle in a log')</script>\")";
    browser.is(log, &json!(true))?;
    browser.is_quiet()
}
