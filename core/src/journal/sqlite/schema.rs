//! The numbered forms of the file, and the way from each to the next.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::trouble::{Outcome, Trouble};

/// Marks a journal of Till in the header of the file: "Till".
pub(super) const APPLICATION_ID: u32 = 0x5469_6c6c;

/// Makes version `n + 1` of version `n`; never changed after publishing, never destructive.
pub(super) const MIGRATIONS: &[&str] =
    &[include_str!("migrations/001.sql"), include_str!("migrations/002.sql")];

/// Gives the version that this Till writes.
pub(super) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Reads the version of the file as SQLite sees it, and checks that it is a journal.
pub(super) fn version(conn: &Connection) -> Outcome<i64> {
    let mark: i64 = conn.query_one("PRAGMA application_id", [], |row| row.get(0))?;
    if mark != i64::from(APPLICATION_ID) {
        return Err(Trouble::Damaged("it is a database, but no journal of Till".to_owned()));
    }
    let version: i64 = conn.query_one("PRAGMA user_version", [], |row| row.get(0))?;
    check(version)?;
    Ok(version)
}

/// Checks that this Till knows a version.
pub(super) fn check(version: i64) -> Outcome<()> {
    match version {
        1.. if version > newest() => {
            Err(Trouble::Newer(format!("its version is {version}, and {} is known", newest())))
        }
        1.. => Ok(()),
        _ => Err(Trouble::Damaged(format!("version {version} never was"))),
    }
}

/// Brings the file from `version` to the newest one, each step in its own transaction.
pub(super) fn migrate(conn: &mut Connection, version: i64, migrations: &[&str]) -> Outcome<()> {
    let done = usize::try_from(version).unwrap_or(0);
    for (made, sql) in (1..).zip(migrations).skip(done) {
        let made: i64 = made;
        let step = Transaction::new(conn, TransactionBehavior::Immediate)?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", made)?;
        step.commit()?;
    }
    Ok(())
}

/// Checks that tables and indices are, word by word, what the migrations make.
pub(super) fn check_words(conn: &Connection) -> Outcome<()> {
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh, 0, MIGRATIONS)?;
    if words(conn)? == words(&fresh)? {
        return Ok(());
    }
    Err(Trouble::Damaged("its tables are not those of a journal".to_owned()))
}

fn words(conn: &Connection) -> Outcome<Vec<(String, Option<String>)>> {
    let sql = "SELECT type || ' ' || name || ' of ' || tbl_name, sql FROM sqlite_schema \
               WHERE name NOT GLOB 'sqlite_stat*' ORDER BY 1";
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: &str = "CREATE TABLE later (word TEXT NOT NULL) STRICT;
        INSERT INTO later SELECT value FROM meta;";
    const BROKEN: &str = "CREATE TABLE more (word TEXT) STRICT; INSERT INTO nowhere VALUES (1);";

    fn at_version_1() -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        migrate(&mut conn, 0, MIGRATIONS.get(..1).unwrap()).unwrap();
        conn.execute("INSERT INTO meta VALUES ('a', 'kept', 0)", []).unwrap();
        conn
    }

    fn user_version(conn: &Connection) -> i64 {
        conn.query_one("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_migration_keeps_what_is_there_and_runs_once() {
        let mut conn = at_version_1();
        let migrations = [MIGRATIONS[0], SECOND];
        migrate(&mut conn, 1, &migrations).unwrap();
        assert_eq!(user_version(&conn), 2);
        migrate(&mut conn, 2, &migrations).unwrap();
        let words: i64 =
            conn.query_one("SELECT count(*) FROM later", [], |row| row.get(0)).unwrap();
        assert_eq!(words, 1);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_version_before_it_whole() {
        let mut conn = at_version_1();
        assert!(migrate(&mut conn, 1, &[MIGRATIONS[0], SECOND, BROKEN]).is_err());
        assert_eq!(user_version(&conn), 2);
        assert!(conn.prepare("SELECT * FROM more").is_err());
        conn.prepare("SELECT * FROM later").unwrap();
    }

    #[test]
    fn versions_that_never_were_are_told_from_newer_ones() {
        assert!(matches!(check(newest()), Ok(())));
        assert!(matches!(check(newest() + 1), Err(Trouble::Newer(_))));
        assert!(matches!(check(0), Err(Trouble::Damaged(_))));
        assert!(matches!(check(-1), Err(Trouble::Damaged(_))));
    }
}
