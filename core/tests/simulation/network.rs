//! The way to the bank and back: loses, delays, doubles and breaks what it carries.

use std::sync::LazyLock;

use till_core::http::{HttpRequest, HttpResponse, Method, NoAnswer, NoAnswerReason};
use till_core::id::ExternalId;
use till_sandbox::Call;
use till_sandbox::octo::{Kind, Request, Response};

use crate::plan::{MINUTE, SECOND};
use crate::reference::Held;
use crate::rng::Rng;
use crate::terminal::Terminal;
use crate::trace::trace;
use crate::world::{Event, World};

/// A call on its way to the bank.
pub(crate) struct Flight {
    home: Home,
    call: Call,
    request: HttpRequest,
    fate: Fate,
}

impl Flight {
    pub(crate) fn is_about(&self, id: &ExternalId) -> bool {
        self.home.about.as_ref() == Some(id)
    }
}

/// Who waits for a call, and for how long.
#[derive(Clone)]
struct Home {
    terminal: usize,
    life: u32,
    ticket: u64,
    about: Option<ExternalId>,
    sent_ms: u64,
    deadline_ms: u64,
}

/// A call that ends for the terminal.
pub(crate) struct Landing {
    home: Home,
    call: Call,
    answer: Result<HttpResponse, NoAnswer>,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Clear,
    NotSent,
    RequestLost,
    /// The bank gets it, long after the terminal has given up.
    RequestLate,
    AnswerLost,
    Slow,
    /// The bank gets it twice; the second answer is given.
    Twice,
    /// A front end answers, and the bank never sees it.
    Before(u16),
    /// A front end answers after the bank has acted.
    After(u16),
    /// The bank has forgotten all tokens.
    Revoked,
    /// The bank acts, and the answer is nonsense.
    Garbage,
    /// The bank acts, and the answer breaks off.
    BrokenOff,
    /// The bank acts, and the answer is that of another inquiry.
    Crossed,
}

impl World {
    /// Takes a call from a terminal.
    pub(crate) fn send(&mut self, terminal: usize, ticket: u64, request: HttpRequest) -> Held {
        self.calls += 1;
        let call = Call::of_octo_path(&request.path).unwrap();
        let about = external_id(&request.body);
        let Terminal { life, jumps, .. } = self.terminals[terminal];
        self.judge(terminal, |reference, at| {
            reference.calls(at, (terminal, jumps), call, about.as_ref())
        })?;
        let fate = self.fate(call);
        trace!(self, named(&about), "{terminal}#{ticket} {call} {fate:?}");
        let deadline_ms = self.ms + request.time_limit_ms;
        let home = Home { terminal, life, ticket, about, sent_ms: self.ms, deadline_ms };
        let rng = &mut self.rngs.network;
        let way = match fate {
            Fate::Slow => 500 + rng.below(9 * SECOND),
            Fate::RequestLate => 8 * SECOND + rng.pause(3 * MINUTE),
            Fate::Clear
            | Fate::NotSent
            | Fate::RequestLost
            | Fate::AnswerLost
            | Fate::Twice
            | Fate::Before(_)
            | Fate::After(_)
            | Fate::Revoked
            | Fate::Garbage
            | Fate::BrokenOff
            | Fate::Crossed => 20 + rng.below(130),
        };
        match fate {
            Fate::NotSent => {
                let why = NoAnswerReason::Connect("no route".to_owned());
                let answer = Err(NoAnswer { sent: false, why });
                let pause = if rng.percent(50) { way } else { 3 * SECOND };
                self.after(pause, Event::Land(Box::new(Landing { home, call, answer })));
                return Ok(());
            }
            Fate::Before(status) => {
                let answer = Ok(front_end(status));
                self.after(way, Event::Land(Box::new(Landing { home, call, answer })));
                return Ok(());
            }
            Fate::RequestLost | Fate::RequestLate | Fate::AnswerLost => {
                let deadline = home.deadline_ms - self.ms;
                let landing = Landing { home: home.clone(), call, answer: Err(timed_out()) };
                self.after(deadline, Event::Land(Box::new(landing)));
                if fate == Fate::RequestLost {
                    return Ok(());
                }
            }
            Fate::Twice => {
                let first = Flight {
                    home: home.clone(),
                    call,
                    request: request.clone(),
                    fate: Fate::AnswerLost,
                };
                self.after(way / 2, Event::Arrive(Box::new(first)));
            }
            Fate::Clear
            | Fate::Slow
            | Fate::After(_)
            | Fate::Revoked
            | Fate::Garbage
            | Fate::BrokenOff
            | Fate::Crossed => {}
        }
        self.after(way, Event::Arrive(Box::new(Flight { home, call, request, fate })));
        Ok(())
    }

    fn fate(&mut self, call: Call) -> Fate {
        if self.calm {
            return Fate::Clear;
        }
        let (odds, rng) = (&self.plan.network, &mut self.rngs.network);
        if self.ms < self.storm_until_ms {
            return rng.weighed(&[
                (60, Fate::NotSent),
                (30, Fate::RequestLost),
                (5, Fate::RequestLate),
                (5, Fate::AnswerLost),
            ]);
        }
        let status = *rng.pick(&[429, 500, 502, 503, 504]);
        // Only before the bank acts can a front end say "too many".
        let late_status = *rng.pick(&[500, 502, 504]);
        let crossed = if call == Call::Process { odds.crossed } else { 0 };
        let all = 1_000_000;
        let table = [
            (odds.not_sent, Fate::NotSent),
            (odds.request_lost, Fate::RequestLost),
            (odds.request_late, Fate::RequestLate),
            (odds.answer_lost, Fate::AnswerLost),
            (odds.slow, Fate::Slow),
            (odds.twice, Fate::Twice),
            (odds.before_bank, Fate::Before(status)),
            (odds.after_bank, Fate::After(late_status)),
            (odds.token_revoked, Fate::Revoked),
            (odds.forbidden, Fate::Before(403)),
            (odds.garbage, Fate::Garbage),
            (odds.broken_off, Fate::BrokenOff),
            (crossed, Fate::Crossed),
        ];
        let mut left = rng.below(all);
        for (weight, fate) in table {
            if left < weight {
                return fate;
            }
            left -= weight;
        }
        Fate::Clear
    }

    /// A call reaches the bank.
    pub(crate) fn arrive(&mut self, flight: Flight) {
        let Flight { home, call, request, fate } = flight;
        if fate == Fate::Revoked {
            self.bank.revoke_tokens();
        }
        let now_ms = self.bank_ms();
        let response = ask_bank(&mut self.bank, &mut self.rngs.bank, now_ms, &request);
        if let Some(id) = &home.about {
            let acts = matches!(call, Call::Perform | Call::Refund);
            // A refused token is refused before anything is looked at.
            if acts && response.status != 401 {
                let accepted = call == Call::Refund && says_success(&response.body);
                self.reference.arrives(id, accepted);
            }
            if call == Call::Perform && response.status == 200 {
                self.performed(id);
            }
            trace!(self, Some(id), "bank: {call} {} {}", response.status, text(&response.body));
        }
        let rng = &mut self.rngs.network;
        let Response { status, body, .. } = response;
        let answer = match fate {
            Fate::AnswerLost | Fate::RequestLate => return,
            Fate::After(status) => Ok(front_end(status)),
            Fate::BrokenOff => {
                let why = NoAnswerReason::Broken("end of file".to_owned());
                Err(NoAnswer { sent: true, why })
            }
            Fate::Garbage => Ok(HttpResponse { status, body: garbage(rng) }),
            Fate::Crossed => {
                let body = std::mem::replace(&mut self.last_answer, body);
                Ok(HttpResponse { status, body })
            }
            Fate::Clear
            | Fate::NotSent
            | Fate::RequestLost
            | Fate::Slow
            | Fate::Twice
            | Fate::Before(_)
            | Fate::Revoked => {
                if call == Call::Process && self.plan.network.crossed > 0 && rng.percent(5) {
                    self.last_answer.clone_from(&body);
                }
                Ok(HttpResponse { status, body })
            }
        };
        let way = 20 + rng.below(130);
        let left = home.deadline_ms.saturating_sub(self.ms);
        let (way, answer) = if way < left { (way, answer) } else { (left, Err(timed_out())) };
        self.after(way, Event::Land(Box::new(Landing { home, call, answer })));
    }

    /// A call ends for the terminal, if the process that made it still runs.
    pub(crate) fn land(&mut self, landing: Landing) -> Held {
        let Landing { home, call, answer } = landing;
        if self.terminals[home.terminal].life != home.life {
            return Ok(());
        }
        if let (Some(id), Ok(answer)) = (&home.about, &answer) {
            let inquiry = matches!(call, Call::Process | Call::Confirm | Call::Perform);
            if inquiry && answer.status == 200 {
                let asked_ms = if denies(&answer.body) { u64::MAX } else { home.sent_ms };
                self.reference.hears(id, asked_ms);
            }
        }
        trace!(self, named(&home.about), "{}#{} {}", home.terminal, home.ticket, end(&answer));
        let ticket = home.ticket;
        self.put_in(home.terminal, till_core::engine::Input::Http { ticket, answer })
    }

    /// An entry code can be paid as soon as the bank knows of it: nobody needs to see it here.
    fn performed(&mut self, id: &ExternalId) {
        if self.plan.people.entry_percent == 0 || self.pos.entries.contains(id) {
            return;
        }
        let payment = self.bank.payment(self.bank_ms(), id.as_str());
        if let Some(payment) = payment.filter(|payment| payment.kind == Kind::Entry) {
            self.pos.entries.insert(id.clone());
            let life = payment.expires_at_ms - self.bank_ms();
            self.customer_comes(id, u64::try_from(life).unwrap(), payment.asked);
        }
    }
}

/// Hands a request to the bank.
pub(crate) fn ask_bank(
    bank: &mut till_sandbox::octo::Bank,
    rng: &mut Rng,
    now_ms: i64,
    request: &HttpRequest,
) -> Response {
    let asked = Request {
        method: match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        },
        path: &request.path,
        authorization: request.authorization.as_deref(),
        content_type: Some(request.content_type),
        body: &request.body,
        peer: None,
    };
    bank.handle(now_ms, &mut || rng.next(), &asked)
}

/// Names a call for the trace: those for tokens are nobody's.
fn named(about: &Option<ExternalId>) -> Option<&ExternalId> {
    static TOKEN: LazyLock<ExternalId> = LazyLock::new(|| ExternalId::new("token"));
    about.as_ref().or(Some(&TOKEN))
}

fn timed_out() -> NoAnswer {
    NoAnswer { sent: true, why: NoAnswerReason::TimedOut }
}

fn front_end(status: u16) -> HttpResponse {
    let body = format!("<html><body><h1>{status}</h1><hr>nginx</body></html>");
    HttpResponse { status, body: body.into_bytes() }
}

fn garbage(rng: &mut Rng) -> Vec<u8> {
    let all: [&[u8]; 6] =
        [b"", b"null", b"{}", b"[1,2", b"\xff\xfe\x00", br#"{"result":{"resultStatus":"?"}}"#];
    rng.pick(&all).to_vec()
}

/// Finds the externalId in a body that we wrote ourselves.
fn external_id(body: &[u8]) -> Option<ExternalId> {
    const KEY: &[u8] = br#""externalId":""#;
    let begins = body.get(1..).is_some_and(|body| body.starts_with(KEY));
    let found = if begins { 1 } else { body.windows(KEY.len()).position(|some| some == KEY)? };
    let start = found + KEY.len();
    let length = body[start..].iter().position(|byte| *byte == b'"')?;
    Some(ExternalId::new(std::str::from_utf8(&body[start..start + length]).unwrap()))
}

/// Tells whether the bank says for good that there is no money: then it need not be asked again.
fn denies(body: &[u8]) -> bool {
    let begins = [&br#"{"result":{"resultCode":""#[..], &br#"{"status":""#[..]];
    let code = begins.iter().find_map(|begin| body.strip_prefix(*begin)).unwrap_or_default();
    let no: [&[u8]; 4] = [b"CANCELLED", b"EXPIRED", b"FAILED", b"DECLINED"];
    no.iter().any(|no| code.starts_with(no))
}

fn says_success(body: &[u8]) -> bool {
    const SUCCESS: &[u8] = br#""resultStatus":"S""#;
    body.windows(SUCCESS.len()).any(|window| window == SUCCESS)
}

fn text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let end = text.find("\"merchant\"").unwrap_or(text.len());
    text[..end].to_owned()
}

fn end(answer: &Result<HttpResponse, NoAnswer>) -> String {
    match answer {
        Ok(answer) => format!("ends with {}", answer.status),
        Err(no) => format!("ends: {no}, sent {}", no.sent),
    }
}
