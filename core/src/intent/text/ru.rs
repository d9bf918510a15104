//! Russian.

use super::{Say, TYPE_MAX, WORDS_MAX, tidy};
use crate::intent::extra::Field;
use crate::intent::refusal::{NotRefundable, Wrong};
use crate::operation::{Action, Story};

pub(super) fn say(say: &Say<'_>) -> String {
    let fixed = match say {
        Say::Success(Action::Pay) => "Оплачено.",
        Say::Success(Action::Refund) => "Деньги возвращены.",
        Say::ConfirmedLate => "Банк подтвердил это с опозданием.",
        Say::Declined(Action::Pay) => "Оплата отклонена.",
        Say::Declined(Action::Refund) => "Возврат отклонён.",
        Say::BankSays => "Ответ банка:",
        Say::GivenBack => "Оплачено и уже возвращено покупателю.",
        Say::OtherSum(asked) => return format!("Оплачена другая сумма вместо {asked}."),
        Say::Settled(Action::Pay) => "Не оплачено: решение оператора.",
        Say::Settled(Action::Refund) => "Не возвращено: решение оператора.",
        Say::Cancelled(Action::Pay) => "Оплата отменена.",
        Say::Cancelled(Action::Refund) => "Возврат отменён.",
        Say::Expired(Action::Pay) => "Время оплаты вышло.",
        Say::Expired(Action::Refund) => "Время возврата вышло.",
        Say::Unknown(Action::Pay) => {
            "Оплата пока не подтверждена. Проверьте ещё раз: не берите деньги дважды."
        }
        Say::Unknown(Action::Refund) => "Возврат пока не подтверждён. Повторите тот же возврат.",
        Say::Extra(field, wrong) => {
            return format!("{}: {}. Нужно: {}.", field.name(), what(wrong), needed(*field));
        }
        Say::Unreadable => "Параметры запроса не читаются.",
        Say::BadRequest => "Такой запрос невозможен.",
        Say::NotConfigured => "Терминал не настроен или не принят банком.",
        Say::CallerNotAllowed => "Этому приложению терминал недоступен: его нет в списке.",
        Say::NoConnection(Action::Pay) => "Нет связи. Деньги не списаны: попробуйте снова.",
        Say::NoConnection(Action::Refund) => "Нет связи. Возврат не отправлен: попробуйте снова.",
        Say::OtherParameters => "request_id занят другим запросом. Пришлите новый request_id.",
        Say::Running(Action::Pay) => "Эта оплата ещё идёт.",
        Say::Running(Action::Refund) => "Этот возврат ещё идёт.",
        Say::RefundNotPossible => "Возврат невозможен.",
        Say::NotRefundable(why) => return not_refundable(*why),
        Say::Journal => "Журнал недоступен: деньги не переводятся. Обратитесь в поддержку.",
        Say::NoSuchRequest => "Такого запроса нет. Новый запрос безопасен.",
        Say::Late { story, asked, paid } if paid == asked => {
            return format!("Поступило {paid}: {}.", late(*story));
        }
        Say::Late { story, asked, paid } => {
            return format!("Поступило {paid} вместо {asked}: {}.", late(*story));
        }
    };
    fixed.to_owned()
}

fn late(story: Story) -> &'static str {
    match story {
        Story::Refunding => "возвращаем",
        Story::Refunded => "возвращено",
        Story::RefundFailed => "вернуть не удалось, обратитесь в поддержку",
        Story::Reported => "оставлено, решите с покупателем",
    }
}

fn not_refundable(why: NotRefundable) -> String {
    match why {
        NotRefundable::AboveRest(rest) => format!("Вернуть можно не больше {rest}."),
        NotRefundable::AlreadyRefunded => "Всё уже возвращено.".to_owned(),
        NotRefundable::AnotherInDoubt => {
            "Другой возврат этой оплаты ещё не подтверждён.".to_owned()
        }
        NotRefundable::NotOurs => "Это оплата не этого магазина.".to_owned(),
        NotRefundable::OtherTerminal => "Эту оплату принял другой терминал.".to_owned(),
        NotRefundable::NotPaid => "Эта оплата не прошла.".to_owned(),
    }
}

fn what(wrong: &Wrong) -> String {
    let fixed = match wrong {
        Wrong::Missing => "нет значения",
        Wrong::Type(found) => return format!("неверный тип ({})", tidy(found, TYPE_MAX)),
        Wrong::Empty => "пусто",
        Wrong::TooLong => "слишком длинно",
        Wrong::NotPositive => "не больше 0",
        Wrong::NotText(found) => {
            return format!("ключ или значение не текст ({})", tidy(found, TYPE_MAX));
        }
        Wrong::Repeated => "ключ повторяется",
        Wrong::Unknown => "неизвестное значение",
        Wrong::NotOneOf(known) => return format!("нет среди {}", known.join(", ")),
        Wrong::Broken(how) => return format!("не читается ({})", tidy(how, WORDS_MAX)),
        Wrong::OfRefund => "это возврат, а не оплата",
        Wrong::Version => "неизвестная schemaVersion",
        Wrong::NotSuccess => "это не успешная оплата",
        Wrong::Nameless => "нет ни id, ни externalId, ни requestId",
        Wrong::Sandbox => "оплата из песочницы, а банк настоящий",
    };
    fixed.to_owned()
}

fn needed(field: Field) -> &'static str {
    match field {
        Field::IntentAction => "полное имя pay, refund или STATUS",
        Field::RequestId => "String до 1 КиБ",
        Field::Metadata => "HashMap<String, String> до 256 КиБ",
        Field::Amount => "Long больше 0, в минимальных единицах валюты",
        Field::Purpose => "String до 255 символов",
        Field::PrimaryTransaction => "transaction оплаты без изменений",
        Field::Currency => "три заглавные латинские буквы, например UZS",
        Field::Rail => "имя настроенного канала",
        Field::CodeValue => "отсканированный код, String до 4 КиБ",
        Field::Idempotent => "Boolean",
        Field::Action => "pay или refund",
    }
}
