-- Version 3: the history of one caller, newest first, without a look at all others'.
CREATE INDEX till_operation_caller ON till_operation (caller, number);
