//! Chromium without a window, driven through `chromedriver` by the protocol of W3C.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// A call is answered within this time.
const DEADLINE: Duration = Duration::from_mins(1);

/// Why there is no browser here.
pub(crate) fn missing() -> Option<String> {
    let lacks = |program: &str| Command::new(program).arg("--version").stdout(Stdio::null()).status().is_err();
    [("chromedriver", "chromium-driver"), ("chromium", "chromium")]
        .into_iter()
        .find(|(program, _)| lacks(program))
        .map(|(program, package)| format!("{program} is not there (Debian package {package})"))
}

/// One browser with one page.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    profile: PathBuf,
}

impl Browser {
    pub(crate) fn start() -> Result<Self> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver cannot be started")?;
        let output = BufReader::new(driver.stdout.take().context("its output")?);
        let port = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok()
            })
            .context("chromedriver names no port")?;
        let config = ureq::Agent::config_builder().timeout_global(Some(DEADLINE)).http_status_as_error(false).build();
        let profile = std::env::temp_dir().join(format!("kmsdoctor-browser-{}-{port}", std::process::id()));
        let mut browser =
            Self { driver, agent: config.into(), session: format!("http://127.0.0.1:{port}/session"), profile };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--allow-file-access-from-files",
            &format!("--user-data-dir={}", browser.profile.display()),
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let session = browser.post("", &capabilities)?;
        let id = session["sessionId"].as_str().context("a session")?;
        browser.session = format!("{}/{id}", browser.session);
        Ok(browser)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let mut answer = self
            .agent
            .post(format!("{}{path}", self.session))
            .header("content-type", "application/json")
            .send(body.to_string())
            .with_context(|| format!("chromedriver does not answer {path}"))?;
        let status = answer.status();
        let text = answer.body_mut().read_to_string().context("its answer")?;
        ensure!(status.is_success(), "{path}: {status}: {text}");
        let answer: Value = serde_json::from_str(&text).context("JSON")?;
        Ok(answer["value"].clone())
    }

    pub(crate) fn open(&self, address: &str) -> Result<()> {
        self.post("/url", &json!({"url": address})).map(drop)
    }

    /// Runs a script in the page and gives what it returns.
    pub(crate) fn run(&self, script: &str) -> Result<Value> {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Runs a script that calls its last argument with its result.
    pub(crate) fn run_async(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.post("/execute/async", &json!({"script": script, "args": arguments}))
    }

    /// Presses keys in whatever has the focus.
    pub(crate) fn keys(&self, keys: &str) -> Result<()> {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|press| json!({"type": press, "value": key.to_string()})))
            .collect();
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": presses}]});
        self.post("/actions", &actions).map(drop)
    }

    /// The size of the screen, in CSS pixels.
    pub(crate) fn screen(&self, width: u32, height: u32) -> Result<()> {
        let parameters = json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": true});
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": parameters});
        self.post("/goog/cdp/execute", &command).map(drop)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser; whatever is left ends with its driver.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
