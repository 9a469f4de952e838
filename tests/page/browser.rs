//! A headless Chromium, spoken to in its own protocol through two pipes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

/// A test says what is wrong.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

/// Names that Chromium goes by.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
/// How long something on a page may take to become so.
const WITHIN: Duration = Duration::from_secs(30);

/// The browser of this machine.
pub(crate) fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let all = NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|path| path.is_file())
}

/// A browser with one page. It ends with this.
#[derive(Debug)]
pub(crate) struct Browser {
    process: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    number: u64,
    /// What the page did that nobody asked about.
    events: Vec<Json>,
    _folder: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn start() -> Result<Self> {
        let program = found().ok_or("there is no chromium")?;
        let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
        // It reads its orders from the third and writes to the fourth of its files.
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1",
                "sh",
            ])
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--remote-debugging-pipe"])
            .args(["--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args(["--hide-scrollbars", "--force-color-profile=srgb"])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg("about:blank")
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().map_err(|e| e.to_string())?;
        let (to, from) = (process.stdin.take(), process.stdout.take());
        let mut browser = Self {
            process,
            to,
            from: BufReader::new(from.ok_or("it has no output")?),
            session: None,
            number: 0,
            events: Vec::new(),
            _folder: folder,
        };
        let target = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.ask("Target.attachToTarget", &target)?;
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(browser)
    }

    /// Opens a file as if it had been clicked at.
    pub(crate) fn open(&mut self, file: &Path, hash: &str) -> Result {
        self.events.clear();
        let url = format!("file://{}{hash}", file.display());
        // The same file at another place of it would not be read again.
        self.ask("Page.navigate", &json!({ "url": "about:blank" }))?;
        self.ask("Page.navigate", &json!({ "url": url }))?;
        self.soon("document.readyState === 'complete' && location.protocol === 'file:'")
    }

    /// The width and height of the window.
    pub(crate) fn size(&mut self, width: u32, height: u32) -> Result {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.ask("Emulation.setDeviceMetricsOverride", &size)
            .map(drop)
    }

    /// Has it prefer `dark` or `light`.
    pub(crate) fn prefers(&mut self, scheme: &str) -> Result {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({ "features": feature }),
        )
        .map(drop)
    }

    /// The value of an expression on the page.
    pub(crate) fn value(&mut self, expression: &str) -> Result<Json> {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let told = self.ask("Runtime.evaluate", &asked)?;
        match told.get("exceptionDetails") {
            None => Ok(told["result"]["value"].clone()),
            Some(why) => Err(format!("{expression}: {why}")),
        }
    }

    /// Whether an expression holds, or comes to hold.
    pub(crate) fn soon(&mut self, expression: &str) -> Result {
        let deadline = Instant::now() + WITHIN;
        loop {
            // While a page is left there is none to ask.
            if self
                .value(expression)
                .is_ok_and(|value| value == json!(true))
            {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("not in {WITHIN:?}: {expression}"));
            }
            std::thread::yield_now();
        }
    }

    /// That an expression has this value.
    pub(crate) fn is(&mut self, expression: &str, expected: &Json) -> Result {
        let value = self.value(expression)?;
        match value == *expected {
            true => Ok(()),
            false => Err(format!(
                "{expression}\n  expected {expected}\n  actual   {value}"
            )),
        }
    }

    /// Presses keys, one after the other: a character each, or a name such as `Enter`.
    pub(crate) fn press(&mut self, keys: &[&str]) -> Result {
        for key in keys {
            let text = match *key {
                "Enter" => Some("\r"),
                key if key.chars().count() == 1 => Some(key),
                _ => None,
            };
            let code = match *key {
                "Enter" => 13,
                "Escape" => 27,
                "ArrowLeft" => 37,
                "ArrowUp" => 38,
                "ArrowRight" => 39,
                "ArrowDown" => 40,
                _ => 0,
            };
            let mut down =
                json!({ "type": "rawKeyDown", "key": key, "windowsVirtualKeyCode": code });
            if let Some(text) = text {
                down["type"] = json!("keyDown");
                down["text"] = json!(text);
            }
            let up = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code });
            self.ask("Input.dispatchKeyEvent", &down)?;
            self.ask("Input.dispatchKeyEvent", &up)?;
        }
        Ok(())
    }

    /// Clicks at the middle of what a selector finds first.
    pub(crate) fn click(&mut self, selector: &str) -> Result {
        let place = format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let at = self.value(&place)?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    /// A picture of the page, or of what of it is in the window.
    pub(crate) fn picture(&mut self, whole: bool) -> Result<Vec<u8>> {
        let asked = json!({ "format": "png", "captureBeyondViewport": whole });
        let told = self.ask("Page.captureScreenshot", &asked)?;
        let data = told["data"].as_str().unwrap_or_default();
        seaworthy::text::base64::decode(data).ok_or_else(|| "no picture".to_owned())
    }

    /// That the page has complained of nothing and asked for nothing but itself.
    pub(crate) fn is_quiet(&mut self) -> Result {
        // What it did before this is told before the answer.
        self.value("1")?;
        let mut wrong = Vec::new();
        for event in &self.events {
            let of = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => {
                    wrong.push(event.to_string());
                }
                "Network.requestWillBeSent" => {
                    let url = of["request"]["url"].as_str().unwrap_or_default();
                    if of["type"] != "Document" {
                        wrong.push(format!("it asked for {url}"));
                    }
                }
                _ => {}
            }
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.join("\n")),
        }
    }

    /// That the page complains of this, now or a little later.
    pub(crate) fn complains_of(&mut self, what: &str) -> Result {
        let deadline = Instant::now() + WITHIN;
        loop {
            match self.is_quiet() {
                Err(said) if said.contains(what) => return Ok(()),
                other if Instant::now() > deadline => {
                    return Err(format!("it does not complain of {what}: {other:?}"));
                }
                _ => std::thread::yield_now(),
            }
        }
    }

    /// Whether the page's own script runs.
    pub(crate) fn scripts(&mut self, run: bool) -> Result {
        let asked = json!({ "value": !run });
        self.ask("Emulation.setScriptExecutionDisabled", &asked)
            .map(drop)
    }

    fn ask(&mut self, method: &str, params: &Json) -> Result<Json> {
        self.number += 1;
        let mut order = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            order["sessionId"] = json!(session);
        }
        let to = self.to.as_mut().ok_or("it has no input")?;
        let mut bytes = order.to_string().into_bytes();
        bytes.push(0);
        to.write_all(&bytes).map_err(|e| format!("{method}: {e}"))?;
        loop {
            let mut bytes = Vec::new();
            let read = self.from.read_until(0, &mut bytes);
            if read.map_err(|e| e.to_string())? == 0 {
                return Err(format!("the browser ended before it answered {method}"));
            }
            bytes.pop();
            let said: Json = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
            if said["id"] == json!(self.number) {
                return match said.get("error") {
                    None => Ok(said["result"].clone()),
                    Some(why) => Err(format!("{method}: {why}")),
                };
            }
            self.events.push(said);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends where nobody speaks to it any more, and is made to where it does not.
        drop(self.to.take());
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::yield_now();
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
