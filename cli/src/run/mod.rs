//! The commands, from the command line to the exit status.

mod list;
mod wait;

use std::sync::Arc;

use till_core::intent::{Answer, Language, Refusal};
use till_core::operation::Action;
use till_core::rail::ecommpay::Ecommpay;
use tokio::sync::{mpsc, watch};

use crate::again::Again;
use crate::args::{Args, Command, Common, Customer, Pay, Word};
use crate::bank;
use crate::exit::Exit;
use crate::out::{self, Out, complain};
use crate::setup::Setup;
use crate::share::{Desk, Reply};
use crate::show::{self, Show};
use crate::trouble::Trouble;
use crate::wish::{Ask, Way, Wish};
use crate::{demo, doctor, sandbox};
use wait::{Interrupts, Waited, perform, wait};

/// Runs a command.
pub(crate) async fn run(args: &Args) -> Exit {
    let common = &args.common;
    match &args.command {
        Command::Demo { gateway: true } => demo::gateway::run(common).await,
        Command::Demo { gateway: false } => demo::run(common).await,
        Command::Pay(pay) => {
            let (customer, pay) = (pay.customer, with_currency(common, pay));
            request(args, customer, Ask::pay(&pay)).await
        }
        Command::Refund(refund) => request(args, Customer::default(), Ask::refund(refund)).await,
        Command::Status(earlier) => {
            request(args, Customer::default(), Ask::status(earlier, Way::Run)).await
        }
        Command::Cancel(earlier) => {
            request(args, Customer::default(), Ask::status(earlier, Way::Cancel)).await
        }
        Command::Settle(settle) => {
            let (paid, note) = (settle.word == Word::Paid, settle.note.clone());
            let ask = Ask::status(&settle.earlier, Way::Settle { paid, note });
            request(args, Customer::default(), ask).await
        }
        Command::Resume => list::run(common, Wish::Resume).await,
        Command::History { limit } => {
            let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
            list::run(common, Wish::History { limit }).await
        }
        Command::Doctor(doctor) => doctor::run(common, *doctor).await,
        Command::Sandbox(sandbox) => sandbox::run(common, sandbox).await,
    }
}

/// The embedded ecommpay does not take the sandbox terminal's currency: unless another one is
/// named, it is one that it takes.
fn with_currency(common: &Common, pay: &Pay) -> Pay {
    let ecommpay = pay.rail.as_deref() == Some(Ecommpay::ID);
    let mut pay = pay.clone();
    if common.sandbox && common.config.is_none() && ecommpay && pay.currency.is_none() {
        pay.currency = Some(bank::ECOMMPAY_CURRENCY.to_owned());
    }
    pay
}

/// Runs one request to its answer.
async fn request(args: &Args, customer: Customer, ask: Result<Ask, Trouble>) -> Exit {
    let common = &args.common;
    let ask = match ask {
        Ok(ask) => ask,
        Err(trouble) => return fail_listing(common, &trouble),
    };
    let teller = Teller { args, about: ask.about(), out: Out::new() };
    let setup = match Setup::new(common, customer) {
        Ok(setup) => Arc::new(setup),
        Err(trouble) => return teller.refuse(&ask, Setup::language(common), &trouble),
    };
    let language = setup.settings.language;
    if let Err(answer) = ask.read(language) {
        return teller.tell(&answer).1;
    }
    if let (Command::Pay(_), Some(missing)) = (&args.command, setup.missing_rail(ask.rail())) {
        return teller.refuse(&ask, language, &Trouble::NotConfigured(missing));
    }
    let wish = Wish::Ask(ask.clone());
    let waited = match &args.command {
        Command::Pay(pay) => {
            let purpose = pay.purpose.as_deref().unwrap_or_default();
            let show = Show::new(common.json, teller.out, Action::Pay, purpose);
            wait(setup, wish, show, true).await
        }
        Command::Refund(_) => {
            let show = Show::new(common.json, teller.out, Action::Refund, "");
            wait(setup, wish, show, false).await
        }
        Command::Demo { .. }
        | Command::Status(_)
        | Command::Cancel(_)
        | Command::Resume
        | Command::Settle(_)
        | Command::History { .. }
        | Command::Doctor(_)
        | Command::Sandbox(_) => quietly(setup, wish).await,
    };
    let (desk, reply) = match waited {
        Waited::Done(desk, reply) => (desk, reply),
        Waited::Left => return teller.tell(&ask.refused(language, &Refusal::Failed)).1,
    };
    match reply {
        Ok(Reply::Answer(answer)) => teller.hand_over(desk, &answer).await,
        Ok(Reply::Rows(_)) => {
            teller.refuse(&ask, language, &Trouble::Failed("no answer".to_owned()))
        }
        Err(trouble) => {
            let interrupts = Interrupts::new();
            let exit = teller.refuse(&ask, language, &trouble);
            interrupts.leave(desk, |others| teller.wait_for(others)).await;
            exit
        }
    }
}

/// Lets a wish be done that shows nothing meanwhile, and that Ctrl-C simply ends.
async fn quietly(setup: Arc<Setup>, wish: Wish) -> Waited {
    let (notes, _nobody) = mpsc::unbounded_channel();
    let (_never, cancel) = watch::channel(false);
    let (desk, reply) = perform(setup, wish, notes, cancel).await;
    Waited::Done(desk, reply)
}

/// Tells answers to whoever asked.
struct Teller<'a> {
    args: &'a Args,
    about: Action,
    out: Out,
}

impl Teller<'_> {
    /// Tells the answer, notes that it was told, and serves the others to their end.
    async fn hand_over(&self, mut desk: Option<Box<Desk>>, answer: &Answer) -> Exit {
        let interrupts = Interrupts::new();
        let (told, exit) = self.tell(answer);
        // Nobody has an answer that could not be written.
        if let (true, Some(desk)) = (told, &mut desk) {
            desk.handed_over(answer).await;
        }
        interrupts.leave(desk, |others| self.wait_for(others)).await;
        exit
    }

    /// Prints an answer; true if it is out.
    fn tell(&self, answer: &Answer) -> (bool, Exit) {
        // An answer for which no bank was asked does not know whose it would have been.
        let answer =
            &Answer { sandbox: answer.sandbox || self.args.common.sandbox, ..answer.clone() };
        let text = if self.args.common.json {
            format!("{}\n", answer.to_json())
        } else {
            let again = Again { common: &self.args.common, command: &self.args.command };
            show::answer::text(answer, self.about, self.out, &again)
        };
        let told = out::print(&text);
        if let Err(error) = &told {
            out::error(self.args.common.json, &format!("the answer cannot be written: {error}"));
        }
        (told.is_ok(), answer.code.into())
    }

    /// Tells why there is no answer of a terminal, as an answer.
    fn refuse(&self, ask: &Ask, language: Language, trouble: &Trouble) -> Exit {
        let exit = fail(&self.args.common, trouble);
        if self.args.common.json {
            self.tell(&ask.refused(language, &trouble.refusal()));
        }
        exit
    }

    fn wait_for(&self, others: usize) {
        if self.out.live && !self.args.common.json {
            complain(&format!(
                "till: {others} more on this journal; waiting until they have their answers \
                 (Ctrl-C leaves)"
            ));
        }
    }
}

/// Tells trouble on one line of standard error.
pub(crate) fn fail(common: &Common, trouble: &Trouble) -> Exit {
    out::error(common.json, &trouble.to_string());
    trouble.exit()
}

/// Tells trouble of a command that has no answer, with a line for scripts.
pub(crate) fn fail_listing(common: &Common, trouble: &Trouble) -> Exit {
    if common.json {
        let _nobody_reads = out::print(&out::error_line(&trouble.to_string()));
    }
    fail(common, trouble)
}
