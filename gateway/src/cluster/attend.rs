//! What goes on beside the requests: news is heard, wishes are fulfilled, and what has no process
//! is taken over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use till_core::engine::Named;
use till_core::id::OperationId;
use till_core::journal::{News, Wish as Asked};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::wish::{Envelope, Reply, Wish};
use super::{Cluster, PATIENCE};
use crate::body::Refused;
use crate::http::{App, take_callback_here, to_request};

/// How often is looked where nobody notifies.
const LOOK: Duration = Duration::from_millis(200);

/// How often is looked beside the notifications, which a broken connection loses.
const LOOK_ANYWAY: Duration = Duration::from_secs(1);

/// How often what nobody waits for any more is swept away.
const SWEEP: Duration = Duration::from_secs(15);

/// The most operations whose events are counted in one go.
const PAGE: usize = 2_000;

/// Does all that until the gateway stops.
pub(crate) async fn attend(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let Some(cluster) = app.till.cluster() else { return };
    let news = cluster.news.lock().ok().and_then(|mut news| news.take());
    let Some(news) = news else { return };
    tokio::select! {
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = hear(&app, cluster, news) => {}
        () = take_over(&app, cluster) => {}
        () = fulfil(&app, cluster) => {}
        () = look(&app, cluster) => {}
    }
}

async fn hear(app: &App, cluster: &Cluster, mut news: mpsc::UnboundedReceiver<News>) {
    while let Some(one) = news.recv().await {
        match one {
            // Of its own operations the core tells by itself, and sooner.
            News::Changed(id) if cluster.is_mine(&id) => {}
            News::Changed(id) => app.till.hub().wake(&id),
            News::Orphans => cluster.orphans.notify_one(),
            News::Missed => {
                app.till.hub().wake_all();
                cluster.wishes.notify_one();
            }
            News::Wish => cluster.wishes.notify_one(),
        }
    }
    // The journal is closed: the gateway stops.
    std::future::pending().await
}

async fn take_over(app: &App, cluster: &Cluster) {
    loop {
        cluster.orphans.notified().await;
        tracing::info!("looks for operations without a process");
        app.till.take_over().await;
    }
}

async fn fulfil(app: &Arc<App>, cluster: &Cluster) {
    let pause = if cluster.neighbours.listens() { LOOK_ANYWAY } else { LOOK };
    let mut under_way = BTreeSet::new();
    let mut doing = JoinSet::new();
    loop {
        tokio::select! {
            () = cluster.wishes.notified() => {}
            () = sleep(pause) => {}
        }
        while let Some(done) = doing.try_join_next() {
            under_way.retain(|id| done.as_ref().is_ok_and(|done| done != id));
        }
        let me = cluster.neighbours.me();
        let but: Vec<i64> = under_way.iter().copied().collect();
        let (gathered, wishes) =
            tokio::join!(cluster.neighbours.gather(), cluster.neighbours.wishes(&but));
        if let Err(error) = gathered {
            tracing::warn!(%error, "answers of other processes");
        }
        let wishes = wishes.unwrap_or_else(|error| {
            tracing::warn!(%error, "wishes of other processes");
            Vec::new()
        });
        for wish in wishes {
            under_way.insert(wish.id);
            let app = Arc::clone(app);
            doing.spawn(async move {
                let done = timeout(PATIENCE, fulfil_one(&app, me, &wish)).await;
                if done.is_err() {
                    tracing::warn!("a wish of another process took too long");
                }
                wish.id
            });
        }
    }
}

/// Does what the process `me` was asked for.
async fn fulfil_one(app: &App, me: i64, wish: &Asked) {
    let Some(cluster) = app.till.cluster() else { return };
    if cluster.neighbours.me() != me {
        // Who asked hears that it died, and asks who has it now.
        return;
    }
    let id = wish.id;
    let outcome = match serde_json::from_str::<Envelope>(&wish.request) {
        Ok(Envelope { reply, wish }) => act(app, wish).await.filter(|_| reply),
        Err(error) => {
            tracing::error!(%error, "another process of the gateway is another version");
            Some(Reply::of(Refused::journal()))
        }
    };
    let told = match outcome.and_then(|outcome| serde_json::to_string(&outcome).ok()) {
        Some(text) => cluster.neighbours.answer(id, &text).await,
        None => cluster.neighbours.done(id).await,
    };
    if let Err(error) = told {
        tracing::warn!(%error, "another process was not answered");
    }
}

/// Does what another process asks for; gives what its caller is to be told, if anything.
async fn act(app: &App, wish: Wish) -> Option<Reply> {
    let (caller, id, order, act) = match wish {
        Wish::Act { caller, id, order, act } => (caller, id, order, act),
        Wish::Push { external_id } => {
            app.till.push_here(&external_id).await;
            return None;
        }
        Wish::Callback { body } => {
            take_callback_here(app, body.as_bytes()).await;
            return None;
        }
    };
    let begin = order.as_ref().is_none_or(|order| order.begin);
    let request = match (order, &caller) {
        (Some(order), Some(caller)) => to_request(app, caller.clone(), order).map(Some),
        (Some(_), None) | (None, _) => Ok(None),
    };
    let outcome = match request {
        Ok(order) => app.till.here(Named { caller, id, order, begin, act }).await,
        Err(refused) => Err(refused),
    };
    Some(outcome.map_or_else(Reply::of, |view| Reply::View(Box::new(view))))
}

impl Reply {
    fn of(refused: Refused) -> Self {
        let Refused { status, error, message } = refused;
        Self::Refused { status: status.as_u16(), error: error.into_owned(), message }
    }
}

/// Wakes those who wait for what other processes changed, if nobody notified of it.
async fn look(app: &App, cluster: &Cluster) {
    let pause = if cluster.neighbours.listens() { LOOK_ANYWAY } else { LOOK };
    let (mut process, mut swept) = (cluster.neighbours.me(), Instant::now());
    loop {
        sleep(pause).await;
        let me = cluster.neighbours.me();
        if me != process {
            // What was this process's may be another one's now.
            process = me;
            app.till.hub().wake_all();
        }
        let waiting = app.till.hub().ids();
        let others: Vec<OperationId> =
            waiting.into_iter().filter(|id| !cluster.is_mine(id)).collect();
        let mut now = Vec::new();
        for page in others.chunks(PAGE) {
            match cluster.neighbours.events_of(page).await {
                Ok(found) => now.extend(found),
                Err(error) => tracing::debug!(%error, "what other processes wrote"),
            }
        }
        let changed = {
            let mut counted = cluster.counted();
            now.retain(|(id, events)| counted.insert(id.clone(), *events) != Some(*events));
            let waiting: BTreeSet<&OperationId> = others.iter().collect();
            counted.retain(|id, _| waiting.contains(id));
            now
        };
        changed.iter().for_each(|(id, _)| app.till.hub().wake(id));
        if swept.elapsed() >= SWEEP {
            swept = Instant::now();
            if let Err(error) = cluster.neighbours.sweep().await {
                tracing::debug!(%error, "old wishes");
            }
        }
    }
}
