//! How many operations a second the simulator gets through on one core.

use std::path::Path;

use crate::Outcome;
use crate::table::Row;

pub(crate) fn measure(_simulate: &Path) -> Outcome<Vec<Row>> {
    Ok(vec![])
}
