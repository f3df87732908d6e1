//! The reference as a book: its committed pages are what the knowledge gives, it builds without a broken link, and in a
//! browser its search finds what people type and no page is wider than a narrow screen.
//!
//! What needs mdBook or Chromium is listed as ignored with the reason where they are not there, and the last line says
//! `book: not run: …`; it never passes. With `KMSDOCTOR_BOOK=required` it fails instead.

mod browser;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use browser::Browser;
use kmsdoctor_core::knowledge::Knowledge;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::json;
use xtask::programs::Programs;
use xtask::{book, root};

/// Set to `required`, tests that cannot run fail instead of being ignored.
const DEMAND_VARIABLE: &str = "KMSDOCTOR_BOOK";
/// Width of a small telephone, in CSS pixels.
const NARROW_PX: u32 = 360;

type Test = fn() -> Result<()>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let is_demanded = std::env::var_os(DEMAND_VARIABLE).is_some_and(|value| value == "required");
    let missing = missing();
    let mut trials =
        vec![Trial::test("pages-are-what-the-knowledge-gives", || run(pages_are_what_the_knowledge_gives))];
    let demanding: [(&str, Test); 4] = [
        ("no-link-is-broken", no_link_is_broken),
        ("search-finds-every-notation", search_finds_every_notation),
        ("search-works-by-keyboard", search_works_by_keyboard),
        ("no-page-is-wider-than-a-narrow-screen", no_page_is_wider_than_a_narrow_screen),
    ];
    let trial = |name: &str, test: Test, missing: &Option<String>| {
        let reason = missing.clone();
        let trial = Trial::test(name, move || match reason {
            Some(reason) => Err(format!("not run: {reason}").into()),
            None => run(test),
        });
        trial.with_ignored_flag(missing.is_some() && !is_demanded)
    };
    trials.extend(demanding.map(|(name, test)| trial(name, test, &missing)));
    // The product's own page needs no mdBook.
    trials.push(trial("report-fits-a-narrow-screen", report_fits_a_narrow_screen, &browser::missing()));
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Left over folders do no harm.
    let _ = Programs::locate().map(|programs| std::fs::remove_dir_all(output(&programs.target_directory)));
    if let (false, Some(reason)) = (arguments.list, &missing) {
        println!("book: not run: {reason}");
    }
    conclusion.exit_code()
}

fn run(test: Test) -> Result<(), Failed> {
    test().map_err(|error| Failed::from(format!("{error:?}")))
}

/// Why the book cannot be built and looked at here.
fn missing() -> Option<String> {
    let mdbook = Programs::locate().ok().is_some_and(|programs| book::has_mdbook(&programs.target_directory));
    if !mdbook {
        return Some("mdBook is not there (`cargo xtask docs` installs it)".to_owned());
    }
    browser::missing()
}

/// Where this process builds: tests of one binary may run as processes of their own.
fn output(target: &Path) -> PathBuf {
    target.join("book-tests").join(std::process::id().to_string())
}

/// The folders of the built book: Japanese, English. Built once.
fn built() -> Result<&'static [PathBuf]> {
    static BUILT: OnceLock<Result<Vec<PathBuf>, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let build = || {
            let target = Programs::locate()?.target_directory;
            book::build_into(&target, &output(&target), Knowledge::embedded())
        };
        build().map_err(|error| format!("{error:#}"))
    });
    built.as_deref().map_err(|error| anyhow::anyhow!("{error}"))
}

fn pages_are_what_the_knowledge_gives() -> Result<()> {
    let drift = book::drift(&root(), Knowledge::embedded())?;
    ensure!(drift.is_empty(), "run `cargo xtask docs`:\n{}", drift.join("\n"));
    Ok(())
}

fn no_link_is_broken() -> Result<()> {
    for folder in built()? {
        let broken = book::broken(folder)?;
        ensure!(broken.is_empty(), "{} links lead nowhere:\n{}", broken.len(), broken.join("\n"));
    }
    Ok(())
}

fn open(browser: &Browser, language: usize, page: &str) -> Result<()> {
    let folder = built()?.get(language).context("both languages are built")?;
    browser.open(&format!("file://{}", folder.join(page).display()))
}

/// Types into the search and returns the addresses that it offers.
fn search(browser: &Browser, term: &str) -> Result<Vec<String>> {
    let script = "const [term, done] = arguments; const input = document.querySelector('.reference-search input');
        input.focus(); input.value = term; input.dispatchEvent(new Event('input'));
        const wait = () => window.kmsdoctorIndex ? done([...document.querySelectorAll('.reference-search li a')].map((a) => a.href)) : setTimeout(wait, 10);
        wait();";
    let found = browser.run_async(script, &[json!(term)])?;
    serde_json::from_value(found).context("a list of addresses")
}

fn search_finds_every_notation() -> Result<()> {
    let browser = Browser::start()?;
    for language in [0, 1] {
        open(&browser, language, "index.html")?;
        for term in
            ["0xC004F074", "c004f074", "-1073418124", "3221549172", "０ｘＣ００４Ｆ０７４", "エラー: 0xC004F074 です"]
        {
            let found = search(&browser, term)?;
            ensure!(
                found.first().is_some_and(|first| first.ends_with("code/c004f.html#e-0xc004f074")),
                "{term}: {found:?}"
            );
        }
        let words = if language == 0 { "タイムスタンプ" } else { "time stamp" };
        for (term, page) in
            [("dns-srv-stale", "cause/dns-srv-stale.html"), ("12288", "event.html#e-12288"), (words, "")]
        {
            let found = search(&browser, term)?;
            ensure!(found.first().is_some_and(|first| first.ends_with(page)), "{term}: {found:?}");
        }
        ensure!(search(&browser, "qwertyuiop")?.is_empty());
    }
    Ok(())
}

fn search_works_by_keyboard() -> Result<()> {
    let browser = Browser::start()?;
    open(&browser, 0, "index.html")?;
    browser.keys("/")?;
    let focused = browser.run("return document.activeElement.type")?;
    ensure!(focused == json!("search"), "after `/`: {focused}");
    search(&browser, "kms-count-insufficient")?;
    browser.keys("\u{e007}")?;
    let address = browser.run("return location.href")?.to_string();
    ensure!(address.contains("cause/kms-count-insufficient.html"), "after Enter: {address}");
    Ok(())
}

fn no_page_is_wider_than_a_narrow_screen() -> Result<()> {
    let browser = Browser::start()?;
    browser.screen(NARROW_PX, 740)?;
    for language in [0, 1] {
        for page in [
            "index.html",
            "code.html",
            "code/c004f.html",
            "cause/dns-srv-stale.html",
            "host.html",
            "event.html",
            "setting.html",
        ] {
            open(&browser, language, page)?;
            let width = browser.run("return document.documentElement.scrollWidth")?;
            ensure!(width.as_u64().is_some_and(|width| width <= u64::from(NARROW_PX)), "{page}: {width} px");
        }
    }
    Ok(())
}

/// The product's reports as HTML: an attempt that failed, in a browser that says what it does not load.
fn report_fits_a_narrow_screen() -> Result<()> {
    let programs = Programs::locate()?;
    let folder = output(&programs.target_directory).join("reports");
    std::fs::create_dir_all(&folder)?;
    let evidence = folder.join("evidence.txt");
    std::fs::write(&evidence, EVIDENCE)?;
    let browser = Browser::start()?;
    browser.screen(NARROW_PX, 740)?;
    for language in ["ja", "en"] {
        let page = folder.join(format!("{language}.html"));
        let mut command = std::process::Command::new(Programs::product()?);
        command.args(["analyze", "--format", "html", "-v", "--lang", language, "--output"]).arg(&page).arg(&evidence);
        ensure!(command.status()?.code() == Some(1), "the evidence carries a cause");
        browser.open(&format!("file://{}", page.display()))?;
        let seen = browser.run(
            "return [document.documentElement.scrollWidth, document.documentElement.lang, \
             getComputedStyle(document.querySelector('.verdict')).borderTopWidth, \
             performance.getEntriesByType('resource').length, document.querySelectorAll('article').length > 0]",
        )?;
        let width = seen[0].as_u64().context("a width")?;
        ensure!(width <= u64::from(NARROW_PX), "{language}: {width} px");
        // The style is let through by the page's own policy, and nothing else is loaded.
        ensure!(seen[1] == language && seen[2] == "3px" && seen[3] == 0 && seen[4] == true, "{seen}");
    }
    Ok(())
}

/// The event of an attempt with a wrong clock.
const EVIDENCE: &str = "\
Log Name: Application
Source: Microsoft-Windows-Security-SPP
Date: 2026-11-20 17:52:03
Event ID: 12288
Computer: pc1.contoso.com

Description:
The client has sent an activation request to the key management service machine.
Info:
0xC004F06C, 0x00000000, kms1.contoso.com:1688, 2f0a3c55-7d1e-4a52-9c40-6b8f1d2e3a47, 2026/11/20 17:52, 0, 2, 41760, \
9bd77860-9b31-4b7b-96ad-2564017315bf, 5
";
