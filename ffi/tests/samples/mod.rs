//! Random values of every type that crosses the boundary, from a seed.

use till_ffi::*;

/// Gives the same numbers for the same seed (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(end).unwrap()).unwrap()
    }

    fn long(&mut self) -> i64 {
        match self.below(4) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => 0,
            _ => i64::from_be_bytes(self.number().to_be_bytes()),
        }
    }

    fn int(&mut self) -> i32 {
        match self.below(4) {
            0 => i32::MIN,
            1 => i32::MAX,
            2 => 0,
            _ => i32::try_from(self.below(1 << 30)).unwrap() - (1 << 29),
        }
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 0
    }

    fn text(&mut self) -> String {
        const SIGNS: [char; 8] = ['a', 'Я', '\0', '中', '😀', '"', '\n', '\u{fffd}'];
        let length = self.below(12);
        (0..length).map(|_| SIGNS[self.below(SIGNS.len())]).collect()
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.below(20);
        (0..length).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }

    fn list<T>(&mut self, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = self.below(4);
        (0..length).map(|_| make(self)).collect()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    /// Gives a call; the kinds follow each other.
    pub fn call(&mut self, kind: usize) -> Call {
        match kind % CALLS {
            0 => Call::Configure { config: self.config() },
            1 => Call::Run { intent: self.intent(), attended: self.flag() },
            2 => Call::Refuse { intent: self.intent(), why: self.refused() },
            3 => Call::Cancel { target: self.target() },
            4 => Call::Settle { target: self.target(), paid: self.flag(), note: self.text() },
            5 => Call::Choose { operation: self.text(), choice: self.choice() },
            6 => Call::HandedOver { operation: self.text(), code: self.int() },
            7 => Call::Returned { operation: self.text() },
            8 => Call::Warm,
            9 => Call::NetworkChanged,
            10 => Call::Resume,
            11 => Call::History { limit: self.int() },
            12 => {
                Call::Again { operation: self.text(), intent: self.intent(), attended: self.flag() }
            }
            13 => Call::Draw { text: self.text() },
            _ => Call::Stop,
        }
    }

    /// Gives an event; the kinds follow each other.
    pub fn event(&mut self, kind: usize) -> Event {
        match kind % EVENTS {
            0 => Event::Stage {
                operation: self.text(),
                request_id: self.text(),
                stage: self.stage(),
            },
            1 => Event::Answer { answer: self.answer() },
            2 => Event::Operations { operations: self.list(Self::operation) },
            3 => Event::Done,
            4 => Event::Drawn { side: self.int(), modules: self.bytes() },
            _ => Event::Failed { error: self.error() },
        }
    }

    /// Gives a hand-over; the kinds follow each other.
    pub fn hand_over(&mut self, kind: usize) -> HandOver {
        let what = match kind % HAND_OVERS {
            0 => HandOverTo::Sdk { payload: self.bytes() },
            1 => HandOverTo::Url {
                url: self.text(),
                user_agent: self.maybe(Self::text),
                ac_decode_config: self.maybe(Self::text),
            },
            _ => HandOverTo::Form { url: self.text(), fields: self.list(Self::field) },
        };
        HandOver { operation: self.text(), what }
    }

    fn config(&mut self) -> Config {
        Config {
            terminal_id: self.text(),
            currency: self.text(),
            language: self.text(),
            rail: self.text(),
            journal_folder: self.text(),
            wait_ms: self.long(),
            report_late_payments: self.flag(),
            foreign_refunds: self.flag(),
            sandbox: self.flag(),
            octo: self.maybe(Self::octo),
            ecommpay: self.maybe(Self::ecommpay),
            gateway: self.maybe(Self::gateway),
        }
    }

    fn octo(&mut self) -> OctoConfig {
        OctoConfig {
            base_url: self.text(),
            client_id: self.text(),
            client_secret: self.bytes(),
            user_id: self.text(),
            region: self.text(),
            live: self.flag(),
            app_terminal: self.flag(),
            user_agent: self.maybe(Self::text),
            client_ip: self.maybe(Self::text),
            extra_roots_pem: self.maybe(Self::text),
            proxy: self.maybe(Self::bytes),
            qr_user_id: self.maybe(Self::text),
            perform_before_scan: self.flag(),
            open_codes: self.list(Self::text),
            final_codes: self.list(Self::text),
            expired_codes: self.list(Self::text),
            request_codes: self.list(Self::text),
            exists_codes: self.list(Self::text),
            refund_inquiry: self.flag(),
            refund_by_payment_amount: self.flag(),
            exponents_confirmed: self.list(Self::text),
            declined_is_payable: self.flag(),
        }
    }

    fn ecommpay(&mut self) -> EcommpayConfig {
        EcommpayConfig {
            project_id: self.long(),
            secret: self.bytes(),
            gate_url: self.maybe(Self::text),
            payment_page_url: self.maybe(Self::text),
            live: self.flag(),
            test_project: self.flag(),
            parameters: self
                .list(|random| PageParameter { name: random.text(), value: random.page_value() }),
            customer_id: self.maybe(Self::text),
            customer_ip: self.maybe(Self::text),
            customer: self.list(Self::field),
            return_url: self.maybe(Self::text),
            return_url_success: self.maybe(Self::text),
            callback_url: self.maybe(Self::text),
            currencies: self.list(Self::text),
            base_time_s: self.maybe(Self::long),
            lifetime_s: self.maybe(Self::long),
            declined_is_payable: self.flag(),
            extra_roots_pem: self.maybe(Self::text),
            proxy: self.maybe(Self::bytes),
        }
    }

    fn gateway(&mut self) -> GatewayConfig {
        GatewayConfig {
            url: self.text(),
            token: self.bytes(),
            acquirer: self.maybe(Self::text),
            extra_roots_pem: self.maybe(Self::text),
            proxy: self.maybe(Self::bytes),
        }
    }

    fn page_value(&mut self) -> PageValue {
        match self.below(3) {
            0 => PageValue::Text { text: self.text() },
            1 => PageValue::Number { number: self.long() },
            _ => PageValue::Flag { flag: self.flag() },
        }
    }

    fn intent(&mut self) -> Intent {
        let extras = self.list(|random| NamedExtra { name: random.text(), value: random.extra() });
        Intent { caller: self.text(), action: self.text(), extras }
    }

    fn extra(&mut self) -> Extra {
        match self.below(7) {
            0 => Extra::Text { text: self.text() },
            1 => Extra::Long { number: self.long() },
            2 => Extra::Int { number: self.int() },
            3 => Extra::Flag { flag: self.flag() },
            4 => Extra::Map {
                entries: self.list(|random| MapEntry { key: random.word(), value: random.word() }),
            },
            5 => Extra::Foreign { type_name: self.text() },
            _ => Extra::Null,
        }
    }

    fn word(&mut self) -> Word {
        match self.below(2) {
            0 => Word::Text { text: self.text() },
            _ => Word::Foreign { type_name: self.text() },
        }
    }

    fn target(&mut self) -> Target {
        Target { caller: self.text(), request_id: self.text(), action: self.action() }
    }

    fn action(&mut self) -> Action {
        [Action::Pay, Action::Refund][self.below(2)]
    }

    fn refused(&mut self) -> Refused {
        [Refused::Unreadable, Refused::CallerNotAllowed, Refused::Cancelled][self.below(3)]
    }

    fn choice(&mut self) -> Choice {
        [Choice::GoodsKept, Choice::GoodsHandedOver][self.below(2)]
    }

    fn amount(&mut self) -> Amount {
        Amount { minor: self.long(), currency: self.text(), exponent: self.int() }
    }

    fn stage(&mut self) -> Stage {
        match self.below(7) {
            0 => Stage::Started { amount: self.amount() },
            1 => Stage::CodeShown {
                code_value: self.text(),
                form: [CodeForm::Text, CodeForm::PictureUrl, CodeForm::Picture][self.below(3)],
                expires_at_ms: self.long(),
                left_ms: self.long(),
                amount: self.amount(),
            },
            2 => Stage::HandedToWallet,
            3 => Stage::Closing,
            4 => Stage::NotConfirmed,
            5 => Stage::BankSilent { why: self.text() },
            _ => Stage::BankRefuses { words: self.text() },
        }
    }

    fn answer(&mut self) -> Answer {
        Answer {
            action: self.text(),
            result_code: self.int(),
            extras: self.list(|random| NamedExtra { name: random.text(), value: random.extra() }),
            code: self.int(),
            request_id: self.text(),
            words: self.text(),
            operation: self.maybe(Self::text),
        }
    }

    fn operation(&mut self) -> Operation {
        const STATES: [OperationState; 9] = [
            OperationState::Creating,
            OperationState::Waiting,
            OperationState::Closing,
            OperationState::InDoubt,
            OperationState::Approved,
            OperationState::NotPaid,
            OperationState::Refused,
            OperationState::Closed,
            OperationState::Late,
        ];
        Operation {
            id: self.text(),
            action: self.action(),
            caller: self.text(),
            request_id: self.text(),
            amount: self.amount(),
            purpose: self.text(),
            rail: self.text(),
            external_id: self.text(),
            created_at_ms: self.long(),
            sandbox: self.flag(),
            state: STATES[self.below(STATES.len())],
            open: self.flag(),
            handed_over: self.flag(),
            payment: self.maybe(Self::text),
            give_back: self.flag(),
            story: self.list(|random| StoryLine {
                number: random.long(),
                event: random.text(),
                at_ms: random.long(),
            }),
            answer: self.answer(),
        }
    }

    fn error(&mut self) -> TillError {
        match self.below(6) {
            0 => TillError::Configure,
            1 => TillError::CorrectConfiguration { wrong: self.list(Self::text) },
            2 => TillError::WaitForOperations,
            3 => TillError::CloseOther { what: self.text() },
            4 => TillError::CallSupport { what: self.text() },
            _ => TillError::Retry { what: self.text() },
        }
    }

    fn field(&mut self) -> FormField {
        FormField { name: self.text(), value: self.text() }
    }
}

/// How many kinds of calls, events and hand-overs there are.
pub const CALLS: usize = 15;
pub const EVENTS: usize = 6;
pub const HAND_OVERS: usize = 3;
