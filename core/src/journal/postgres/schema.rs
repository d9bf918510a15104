//! The numbered forms of the tables, and the way from each to the next.

use super::link::{Fail, Line};
use crate::journal::form::meta_checksum;

/// Makes version `n + 1` of version `n`; never changed after publishing, never destructive.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/001.sql"),
    include_str!("migrations/002.sql"),
    include_str!("migrations/003.sql"),
];

/// Names the lock under which the tables are made: several processes may start at once.
const LOCK: &str = "SELECT pg_advisory_xact_lock(1416195180)";

/// Brings the database to the newest version, and gives the installation's id; of a new journal it
/// becomes `fresh`.
pub(super) async fn settle(line: &mut Line, fresh: &str) -> Result<String, Fail> {
    let encoding = line.ask("SHOW server_encoding", &[]).await?;
    let encoding: Option<String> = encoding.first().and_then(|row| row.try_get(0).ok());
    if encoding.as_deref() != Some("UTF8") {
        let found = encoding.unwrap_or_default();
        return Err(Fail::Told(format!("has the encoding {found}; make it with ENCODING 'UTF8'")));
    }
    let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let version = version(line).await?;
    if version > newest {
        let text = format!("its version is {version}, and {newest} is known");
        return Err(Fail::Newer(text));
    }
    let done = usize::try_from(version).unwrap_or(0);
    for (made, sql) in (1_i64..).zip(MIGRATIONS).skip(done) {
        step(line, made, sql, fresh).await?;
    }
    let sql = "SELECT value, checksum FROM till_meta WHERE key = 'installation'";
    let found = line.ask(sql, &[]).await?;
    let Some(row) = found.first() else {
        return Err(Fail::Damaged("the installation's id is missing".to_owned()));
    };
    let (value, checksum): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    if meta_checksum("installation", &value) != checksum {
        return Err(Fail::Damaged("the installation's id is wrong".to_owned()));
    }
    Ok(value)
}

/// Makes one step in a transaction of its own; another process may have made it meanwhile.
async fn step(line: &mut Line, made: i64, sql: &str, fresh: &str) -> Result<(), Fail> {
    line.batch("BEGIN").await?;
    let outcome = async {
        line.batch(LOCK).await?;
        if version(line).await? >= made {
            return Ok(());
        }
        line.batch(sql).await?;
        if made == 1 {
            let sum = meta_checksum("installation", fresh);
            let sql = "INSERT INTO till_meta VALUES ('installation', $1, $2)";
            line.ask(sql, &[&fresh, &sum]).await?;
        }
        let text = made.to_string();
        let sum = meta_checksum("version", &text);
        let sql = "INSERT INTO till_meta VALUES ('version', $1, $2) ON CONFLICT (key) \
                   DO UPDATE SET value = EXCLUDED.value, checksum = EXCLUDED.checksum";
        line.ask(sql, &[&text, &sum]).await?;
        Ok(())
    }
    .await;
    line.batch(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    outcome
}

/// Reads the version; 0 if there are no tables yet.
async fn version(line: &mut Line) -> Result<i64, Fail> {
    // A look into the catalog itself: what a session remembers of it may be older than the lock.
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.relname = 'till_meta' \
               AND pg_catalog.pg_table_is_visible(c.oid))";
    let there = line.ask(sql, &[]).await?;
    let there: bool = match there.first() {
        Some(row) => row.try_get(0)?,
        None => false,
    };
    if !there {
        return Ok(0);
    }
    let sql = "SELECT value, checksum FROM till_meta WHERE key = 'version'";
    let found = line.ask(sql, &[]).await?;
    let Some(row) = found.first() else {
        return Err(Fail::Damaged("its version is missing".to_owned()));
    };
    let (value, checksum): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
    let number = value.parse().ok().filter(|number| *number > 0);
    match number {
        Some(number) if meta_checksum("version", &value) == checksum => Ok(number),
        _ => Err(Fail::Damaged(format!("version {value} never was"))),
    }
}
