//! Drives a headless Chromium through ChromeDriver's WebDriver API.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// The key under which WebDriver names an element (W3C WebDriver, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// How long an element is waited for.
const WAIT_MS: u64 = 20_000;

/// One browser window of its own profile; closed when dropped.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    client: Client,
    _profile: tempfile::TempDir,
}

/// How a window looks to the page.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
}

pub(crate) const PHONE: Look = Look { width: 360, height: 640, dark: false };
pub(crate) const DESKTOP: Look = Look { width: 1280, height: 800, dark: false };

impl Browser {
    /// Opens a window that asks for pages in this language.
    pub(crate) async fn open(language: &str) -> Self {
        let (mut driver, port) = start_driver();
        let profile = tempfile::tempdir().unwrap();
        let client = super::plain_client();
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                "--disable-dev-shm-usage",
                // The sandbox's authority lives as long as the sandbox: nobody trusts it.
                "--ignore-certificate-errors",
                format!("--accept-lang={language}"),
                format!("--user-data-dir={}", profile.path().display()),
            ] },
            "timeouts": { "implicit": WAIT_MS },
        } } });
        let url = format!("http://127.0.0.1:{port}/session");
        let answer = call(client.post(url).body(capabilities.to_string())).await;
        let Some(session) = answer["sessionId"].as_str().map(str::to_owned) else {
            driver.kill().unwrap();
            panic!("Chromium did not start ({answer}): apt-get install chromium chromium-driver");
        };
        Self { driver, port, session, client, _profile: profile }
    }

    pub(crate) async fn look(&self, look: Look) {
        let Look { width, height, dark } = look;
        let metrics = json!({
            "width": width, "height": height, "mobile": width < 600,
            "deviceScaleFactor": if width < 600 { 2 } else { 1 },
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Goes to a page and waits until its script has drawn it.
    pub(crate) async fn go(&self, url: &str) {
        self.post("url", &json!({ "url": url })).await;
        self.element("body[data-ready]").await;
    }

    pub(crate) async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.post(&format!("element/{element}/click"), &json!({})).await;
    }

    /// Types over what stands in a field.
    pub(crate) async fn enter(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.post(&format!("element/{element}/clear"), &json!({})).await;
        self.post(&format!("element/{element}/value"), &json!({ "text": text })).await;
    }

    pub(crate) async fn text(&self, selector: &str) -> String {
        let element = self.element(selector).await;
        self.get(&format!("element/{element}/text")).await.as_str().unwrap().to_owned()
    }

    /// Runs the body of a function and returns what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// Takes a picture of the window, PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let encoded = self.get("screenshot").await;
        data_encoding::BASE64.decode(encoded.as_str().unwrap().as_bytes()).unwrap()
    }

    /// Waits for an element; a page without it fails the test.
    pub(crate) async fn element(&self, selector: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": selector });
        self.post("element", &wanted).await[ELEMENT].as_str().unwrap().to_owned()
    }

    async fn devtools(&self, command: &str, params: Value) {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": params })).await;
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        good(call(self.client.post(self.url(path)).body(body.to_string())).await)
    }

    async fn get(&self, path: &str) -> Value {
        good(call(self.client.get(self.url(path))).await)
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/session/{}/{path}", self.port, self.session)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Only the driver can end its browser; an orphan would outlive the tests.
        if let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) {
            let request = format!(
                "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
                self.session, self.port
            );
            let _ = driver.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = driver.write_all(request.as_bytes());
            // The first byte of the answer says that it is done; the driver keeps the line open.
            let _ = driver.read(&mut [0]);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Starts a driver on a free port. It takes one for IPv4 and then wants the same for IPv6, where
/// another process may have it: then it ends, and the next try gets another port.
fn start_driver() -> (Child, u16) {
    let mut said = String::new();
    for _ in 0..10 {
        let started = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut driver = match started {
            Ok(driver) => driver,
            Err(error) => {
                panic!("chromedriver: {error}: apt-get install chromium chromium-driver")
            }
        };
        let output = BufReader::new(driver.stdout.take().unwrap());
        for line in output.lines() {
            let line = line.unwrap();
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                return (driver, port.trim_end_matches('.').parse().unwrap());
            }
            said = line;
        }
        driver.wait().unwrap();
    }
    panic!("chromedriver did not start ({said}): apt-get install chromium chromium-driver");
}

async fn call(request: reqwest::RequestBuilder) -> Value {
    let response = request.header(CONTENT_TYPE, "application/json").send().await.unwrap();
    let answer: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    answer["value"].clone()
}

fn good(value: Value) -> Value {
    assert!(value.get("error").is_none(), "{value:#}");
    value
}
