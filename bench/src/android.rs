//! Android's library on a JVM: its start, its calls, a payment in a fresh process, and sizes.
//!
//! The same interface is measured over uniffi's stock bindings in the same run, and the payment
//! against a bare HTTP client that makes the same calls at the same pace. A JVM is not ART: what
//! counts is the comparison.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use till_core::settings::Settings;

use crate::Outcome;
use crate::bank::Bank;
use crate::job::{Address, Job, Task};
use crate::meter::median;
use crate::table::{Bound, Figure, Row, micros};

const STARTS: u32 = 7;
const PAYMENTS: u32 = 20;
const ROUND_TRIP_MS: u64 = 60;

/// Is what a program on the JVM told: names and nanoseconds.
type Told = BTreeMap<String, u64>;

pub(crate) fn measure(folder: &Path, android: &Path) -> Outcome<Vec<Row>> {
    let java = Java::new(android)?;
    let mut rows = starts(&java)?;
    rows.extend(calls(&java)?);
    rows.extend(payments(&java, folder)?);
    rows.extend(sizes(&android.join("bench/sizes.tsv"))?);
    Ok(rows)
}

/// Starts the programs of android/bench.
struct Java {
    class_path: String,
    natives: String,
}

impl Java {
    fn new(android: &Path) -> Outcome<Self> {
        let path = android.join("bench/class-path.txt");
        let class_path = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}; scripts/bench makes it", path.display()))?;
        let natives = android.join("bench/native").display().to_string();
        Ok(Self { class_path: class_path.trim().to_owned(), natives })
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Outcome<Told> {
        self.run_with(&[], program, arguments)
    }

    fn run_with(&self, options: &[&str], program: &str, arguments: &[&str]) -> Outcome<Told> {
        let output = Command::new("java")
            .args(options)
            // What cannot be archived is no trouble of ours.
            .args(["-Xlog:cds=error", "-Xlog:cds+dynamic=error"])
            .arg("-XX:TieredStopAtLevel=4")
            .arg(format!("-Djava.library.path={}", self.natives))
            .arg(format!("-Djna.library.path={}", self.natives))
            .arg("-Duniffi.component.till_ffi.libraryOverride=till")
            .args(["-cp", &self.class_path, program])
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(format!("{program}: {}", output.status).into());
        }
        let text = String::from_utf8(output.stdout)?;
        text.lines()
            .map(|line| {
                let (name, value) = line.split_once('=').ok_or("no name=value")?;
                Ok((name.to_owned(), value.parse()?))
            })
            .collect()
    }
}

fn ns(told: &Told, name: &str) -> Outcome<u64> {
    Ok(*told.get(name).ok_or_else(|| format!("nothing told of {name}"))?)
}

/// Loads the library and makes one call that needs no journal, in fresh processes by turns.
fn starts(java: &Java) -> Outcome<Vec<Row>> {
    let (mut ours, mut stocks, mut boots) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let told = java.run("dev.till.bench.OursKt", &["first"])?;
        ours.push(ns(&told, "first")?);
        boots.push(ns(&told, "boot")?);
        stocks.push(ns(&java.run("dev.till.bench.StockKt", &["first"])?, "first")?);
    }
    let (ours, stock, boot) = (median(ours), median(stocks), median(boots));
    let what = "load libtill.so and one call, fresh JVM";
    Ok(vec![
        Row {
            what: "JVM start to the first answer".to_owned(),
            measured: micros((boot + ours) / 1_000),
            against: format!("{} of them the JVM's own", micros(boot / 1_000)),
            figure: None,
            bound: None,
        },
        Row {
            what: format!("{what}, in ms"),
            measured: micros(ours / 1_000),
            against: String::new(),
            figure: Some(Figure::ratio(ours, 1_000_000)),
            bound: Some(Bound::Most(Figure::whole(10))),
        },
        Row {
            what: format!("{what}: how many times faster"),
            measured: micros(ours / 1_000),
            against: format!("{} over uniffi's stock bindings", micros(stock / 1_000)),
            figure: Some(Figure::ratio(stock, ours)),
            bound: Some(Bound::Least(Figure::whole(20))),
        },
    ])
}

/// Calls that a warm process makes: one without arguments, and a record there and back.
fn calls(java: &Java) -> Outcome<Vec<Row>> {
    let ours = java.run("dev.till.bench.OursKt", &["calls"])?;
    let stock = java.run("dev.till.bench.StockKt", &["calls"])?;
    let row = |what: &str, name, bound: Option<u64>| -> Outcome<Row> {
        let (ours, stock) = (ns(&ours, name)?, ns(&stock, name)?);
        Ok(Row {
            what: format!("{what}, in µs"),
            measured: format!("{ours} ns"),
            against: format!("{stock} ns over uniffi's stock bindings"),
            figure: Some(Figure::ratio(ours, 1_000)),
            bound: bound.map(|most| Bound::Most(Figure::whole(most))),
        })
    };
    Ok(vec![
        row("native call without arguments", "call", None)?,
        row("record of 17 fields there and back", "record", Some(10))?,
    ])
}

/// The first payment of a fresh process that opens the terminal with what is kept, until its code
/// is known, and the same calls made bare.
///
/// A JVM reads and verifies each class when it is first used; Android has done both when an app is
/// installed. So the bound is for a JVM with an archive of the classes, and one without is told.
fn payments(java: &Java, folder: &Path) -> Outcome<Vec<Row>> {
    let bank = Bank::start(ROUND_TRIP_MS, None)?;
    let place = tempfile::tempdir_in(folder)?;
    let kept = keep(java, &bank.address, place.path())?;
    let archive = place.path().join("classes.jsa").display().to_string();
    let pay = |device: &str, option: &str| -> Outcome<(u64, u64)> {
        let device = place.path().join(device);
        copy(&kept, &device)?;
        let arguments = ["code", &device.display().to_string()];
        let told = java.run_with(&[option], "dev.till.bench.OursKt", &arguments)?;
        Ok((ns(&told, "code")? / 1_000, ns(&told, "boot")? / 1_000))
    };
    pay("archived", &format!("-XX:ArchiveClassesAtExit={archive}"))?;
    let archived = format!("-XX:SharedArchiveFile={archive}");
    let (mut fast, mut slow, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..PAYMENTS {
        fast.push(pay(&format!("fast-{number}"), &archived)?);
        let job = Job {
            bank: bank.address.clone(),
            task: Task::BareCode,
            journal: place.path().join("none"),
            pace_ms: Settings::PACE_MS,
        };
        bare.extend(job.run()?.times_us);
        slow.push(pay(&format!("slow-{number}"), "-Xshare:auto")?);
    }
    let bare = median(bare);
    let row = |how: &str, times: Vec<(u64, u64)>, bound| {
        let (ours, boots): (Vec<u64>, Vec<u64>) = times.into_iter().unzip();
        let (ours, boot) = (median(ours), median(boots));
        Row {
            what: format!("fresh process, Till.open() to the code, {ROUND_TRIP_MS} ms, {how}"),
            measured: format!("{} after {} of JVM and framework", micros(ours), micros(boot)),
            against: format!("{} by a bare HTTP client", micros(bare)),
            figure: Some(Figure::ratio(ours, bare)),
            bound,
        }
    };
    let bound = Some(Bound::Most(Figure::thousandths(1_250)));
    Ok(vec![row("classes archived", fast, bound), row("classes read one by one", slow, None)])
}

/// Makes a device that was set up, and gives its folder.
fn keep(java: &Java, bank: &Address, place: &Path) -> Outcome<PathBuf> {
    let (kept, roots) = (place.join("kept"), place.join("roots.pem"));
    std::fs::create_dir(&kept)?;
    std::fs::write(&roots, &bank.ca_pem)?;
    let (folder, roots) = (kept.display().to_string(), roots.display().to_string());
    java.run("dev.till.bench.OursKt", &["keep", &folder, &bank.base_url, &roots])?;
    Ok(kept)
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// What scripts/android measured of its files: name, bytes, most bytes allowed or nothing.
fn sizes(table: &Path) -> Outcome<Vec<Row>> {
    let text = std::fs::read_to_string(table)?;
    text.lines()
        .map(|line| {
            let mut cells = line.split('\t');
            let what = cells.next().unwrap_or_default();
            let bytes: u64 = cells.next().unwrap_or_default().parse()?;
            let most: Option<u64> = cells.next().and_then(|cell| cell.parse().ok());
            Ok(Row {
                what: format!("{what}, in MB"),
                measured: format!("{bytes} bytes"),
                against: String::new(),
                figure: Some(Figure::ratio(bytes, 1_000_000)),
                bound: most.map(|most| Bound::Most(Figure::ratio(most, 1_000_000))),
            })
        })
        .collect()
}
