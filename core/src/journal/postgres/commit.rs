//! The end of a group: one statement, which is one transaction, sent again until the database said
//! what became of it.

use super::draft::Batch;
use super::link::{Fail, Line, pause};

/// How often a group that was in another's way is sent again.
const TRIES: u32 = 50;

/// Writes a whole group, or nothing: what does not find everything as it should be divides by zero.
///
/// `lives` is the fence: whoever takes this process for dead deletes its row, and waits for those
/// that hold it.
const WRITE: &str = "
WITH lives AS MATERIALIZED (
    SELECT id FROM till_process WHERE id = $1 FOR KEY SHARE
), claimed AS (
    INSERT INTO till_family AS f (name, owner)
    SELECT n.name, l.id FROM unnest($2::text[]) AS n(name), lives l ORDER BY n.name
    ON CONFLICT (name) DO UPDATE SET owner = EXCLUDED.owner
    WHERE NOT EXISTS (SELECT 1 FROM till_process p WHERE p.id = f.owner)
    RETURNING name
), owned AS (
    SELECT name FROM claimed
    UNION SELECT f.name FROM till_family f, lives l WHERE f.name = ANY($2) AND f.owner = l.id
), made AS (
    INSERT INTO till_operation (number, id, caller, action, request_id, external_id,
        payment_external_id, open, created_ms, events, version, body, checksum, family)
    SELECT n.* FROM unnest($3::int8[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::text[], $15::int8[],
        $16::text[]) AS n(number, id, caller, action, request_id, external_id,
        payment_external_id, open, created_ms, events, version, body, checksum, family)
    JOIN owned c ON c.name = n.family
    RETURNING number
), changed AS (
    UPDATE till_operation o
    SET events = n.events, version = n.version, body = n.body, checksum = n.checksum, open = n.open
    FROM unnest($17::int8[], $18::int8[], $19::int8[], $20::int8[], $21::text[], $22::int8[],
            $23::int8[])
        AS n(number, before, events, version, body, checksum, open),
        owned c
    WHERE o.number = n.number AND o.events = n.before AND c.name = o.family
    RETURNING o.number
), told AS (
    INSERT INTO till_event (operation, n, at_ms, text, checksum)
    SELECT n.* FROM unnest($24::int8[], $25::int8[], $26::int8[], $27::text[], $28::int8[])
        AS n(operation, n, at_ms, text, checksum), lives
    RETURNING n
), woken AS MATERIALIZED (
    SELECT pg_notify('till_changed', n.id) FROM unnest($29::text[]) AS n(id)
)
SELECT set_config('synchronous_commit', $30, true),
    (SELECT count(*) FROM woken),
    1 / (CASE WHEN (SELECT count(*) FROM lives) = 1
        AND (SELECT count(*) FROM made) = cardinality($3)
        AND (SELECT count(*) FROM changed) = cardinality($17)
        AND (SELECT count(*) FROM told) = cardinality($24) THEN 1 ELSE 0 END)";

/// The same without NOTIFY, for a database that has none.
fn quiet() -> String {
    WRITE.replace("pg_notify('till_changed', n.id)", "n.id")
}

/// Writes a group as the process `me`; waits out a database that is away.
///
/// A statement whose answer was lost is not believed to be done, nor not to be: the group's first
/// event is looked for, and only where it is not there is the group sent again.
pub(super) async fn write(
    line: &mut Line,
    me: i64,
    batch: &Batch,
    notify: bool,
) -> Result<(), Fail> {
    let until = line.now_ms().saturating_add(line.patience_ms);
    let (mut lost, mut busy) = (None, 0);
    loop {
        let outcome = send(line, me, batch, notify).await;
        let fail = match outcome {
            Ok(()) => return Ok(()),
            Err(fail) => fail,
        };
        match fail {
            Fail::Broken(why) => lost = Some(why),
            Fail::NoConnection(why) if line.now_ms() >= until => {
                return Err(lost.map_or(Fail::NoConnection(why), Fail::Unsure));
            }
            Fail::NoConnection(_) => {}
            Fail::Again(_) if busy < TRIES => busy += 1,
            // Perhaps by itself: what was sent before the break came in late.
            other @ (Fail::Again(_)
            | Fail::Refused(_)
            | Fail::Told(_)
            | Fail::Damaged(_)
            | Fail::Newer(_)
            | Fail::TakenOver
            | Fail::Unsure(_)) => {
                let there = match lost {
                    Some(why) => is_there(line, batch).await.map_err(|_| Fail::Unsure(why))?,
                    None => false,
                };
                return if there { Ok(()) } else { Err(refused(line, me, other).await) };
            }
        }
        pause().await;
        if let Some(why) = &lost {
            match is_there(line, batch).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(_) if line.now_ms() >= until => return Err(Fail::Unsure(why.clone())),
                Err(_) => {}
            }
        }
    }
}

async fn send(line: &mut Line, me: i64, batch: &Batch, notify: bool) -> Result<(), Fail> {
    let Batch { made, changed, before, families, events, ids, sync } = batch;
    let sync = if *sync { "on" } else { "off" };
    let quiet = quiet();
    let sql = if notify { WRITE } else { &quiet };
    let written = line
        .ask(
            sql,
            &[
                &me,
                families,
                &made.number,
                &made.id,
                &made.caller,
                &made.action,
                &made.request_id,
                &made.external_id,
                &made.payment,
                &made.open,
                &made.created_ms,
                &made.events,
                &made.version,
                &made.body,
                &made.checksum,
                &made.family,
                &changed.number,
                before,
                &changed.events,
                &changed.version,
                &changed.body,
                &changed.checksum,
                &changed.open,
                &events.operation,
                &events.n,
                &events.at_ms,
                &events.text,
                &events.checksum,
                ids,
                &sync,
            ],
        )
        .await;
    written.map(|_| ())
}

/// Tells whether the group is there: all of it is, if its first event is.
async fn is_there(line: &mut Line, batch: &Batch) -> Result<bool, Fail> {
    let Events { operation, n, checksum } = first(batch);
    let sql = "SELECT 1 FROM till_event WHERE operation = $1 AND n = $2 AND checksum = $3";
    Ok(!line.read(sql, &[&operation, &n, &checksum]).await?.is_empty())
}

struct Events {
    operation: i64,
    n: i64,
    checksum: i64,
}

fn first(batch: &Batch) -> Events {
    let first = |values: &[i64]| values.first().copied().unwrap_or_default();
    let events = &batch.events;
    Events {
        operation: first(&events.operation),
        n: first(&events.n),
        checksum: first(&events.checksum),
    }
}

/// Says why a group was refused.
async fn refused(line: &mut Line, me: i64, fail: Fail) -> Fail {
    let Fail::Refused(why) = fail else { return fail };
    match lives(line, me).await {
        Ok(false) => Fail::TakenOver,
        Ok(true) if why.contains("zero") => Fail::Refused(
            "an operation is not as this process left it, or another process drives it".to_owned(),
        ),
        Ok(true) => Fail::Refused(why),
        Err(other) => other,
    }
}

/// Tells whether nobody took this process for dead.
pub(super) async fn lives(line: &mut Line, me: i64) -> Result<bool, Fail> {
    let found = line.read("SELECT 1 FROM till_process WHERE id = $1", &[&me]).await?;
    Ok(!found.is_empty())
}
