//! Clocks and other gauges.

use std::path::Path;

use rustix::time::{ClockId, clock_gettime};

use crate::Outcome;

/// The magic number of tmpfs (statfs(2)).
const TMPFS: u64 = 0x0102_1994;

/// Is what a stretch of work took.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Taken {
    /// CPU time of all threads of the process, user and system, in microseconds.
    pub(crate) cpu_us: u64,
    /// Time on the clock, in microseconds.
    pub(crate) wall_us: u64,
}

/// Is the begin of a stretch of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Taken);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(read())
    }

    pub(crate) fn taken(&self) -> Taken {
        let now = read();
        Taken { cpu_us: now.cpu_us - self.0.cpu_us, wall_us: now.wall_us - self.0.wall_us }
    }
}

fn read() -> Taken {
    let micros = |clock| {
        let time = clock_gettime(clock);
        u64::try_from(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000).unwrap_or(0)
    };
    Taken { cpu_us: micros(ClockId::ProcessCPUTime), wall_us: micros(ClockId::Monotonic) }
}

/// Gives the CPU time of all processes that were started and have ended, in milliseconds.
pub(crate) fn children_cpu_ms() -> Outcome<u64> {
    // proc(5): the name in parentheses may hold blanks; user and system time of children are the
    // 16th and 17th field, so the 14th and 15th after it; the kernel counts them in 1/100 s.
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    let mut times = fields.skip(13).map(str::parse::<u64>);
    let mut next = || times.next().ok_or("no such field in /proc/self/stat");
    Ok((next()?? + next()??) * 10)
}

/// Gives the middle one; 0 of none.
pub(crate) fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// Refuses a folder where an fsync costs nothing.
pub(crate) fn refuse_memory_disk(folder: &Path) -> Outcome<()> {
    let kind = u64::try_from(rustix::fs::statfs(folder)?.f_type)?;
    if kind == TMPFS {
        let folder = folder.display();
        return Err(format!("{folder} is in memory; --folder names one on a disk").into());
    }
    Ok(())
}
