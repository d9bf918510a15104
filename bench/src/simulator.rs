//! How many operations a second of CPU time the simulator gets through: it has one thread, so that
//! is what one core does when nobody else uses it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::meter::{children_cpu_ms, median};
use crate::table::{Bound, Figure, Row};

const ROUNDS: u32 = 3;
const FEW: u32 = 20;
const MANY: u32 = 320;
const BOUND: Bound = Bound::Least(Figure::whole(20_000));

/// Is what a run got through, and its CPU time.
struct Run {
    operations: u64,
    cpu_ms: u64,
}

pub(crate) fn measure(simulate: &Path) -> Outcome<Vec<Row>> {
    // Builds.
    run(simulate, 1)?;
    let mut speeds = Vec::new();
    for _ in 0..ROUNDS {
        // Marginally: what a script and cargo need is not the simulator's.
        let (few, many) = (run(simulate, FEW)?, run(simulate, MANY)?);
        let operations = many.operations.saturating_sub(few.operations);
        speeds.push(operations * 1_000 / many.cpu_ms.saturating_sub(few.cpu_ms).max(1));
    }
    let speed = median(speeds);
    Ok(vec![Row {
        what: "operations in the simulator".to_owned(),
        measured: format!("{speed}"),
        against: "a second on one core".to_owned(),
        figure: Some(Figure::whole(speed)),
        bound: Some(BOUND),
    }])
}

fn run(simulate: &Path, seeds: u32) -> Outcome<Run> {
    let before_ms = children_cpu_ms()?;
    let mut command = Command::new(simulate);
    let output = command.args(["--seeds", &seeds.to_string()]).stdin(Stdio::null()).output()?;
    let cpu_ms = children_cpu_ms()?.saturating_sub(before_ms);
    let told = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("the simulator failed:\n{told}").into());
    }
    let operations = read_operations(&told).ok_or("the simulator does not tell what it did")?;
    Ok(Run { operations, cpu_ms })
}

/// Finds the number before `operations,`.
fn read_operations(told: &str) -> Option<u64> {
    let words: Vec<&str> = told.split_whitespace().collect();
    words.windows(2).find_map(|pair| match pair {
        [number, "operations,"] => number.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_are_read_from_the_line_that_tells_them() {
        let told = "running 1 test\n5 seeds, 1003 operations, 9 calls in 9 ms: 7 operations/s\nok";
        assert_eq!(read_operations(told), Some(1003));
        assert_eq!(read_operations("7 operations/s"), None);
    }
}
