-- Calls that were refused, without anything that their documents hold. `places` is JSON, a list of
-- {"keyword", "pointer", "wire", "rule"}.

CREATE TABLE refused_calls (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    tenant TEXT,
    caller TEXT,
    operation TEXT NOT NULL,
    operation_version INTEGER NOT NULL,
    recipient TEXT,
    code TEXT NOT NULL,
    places TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0)
) STRICT;

CREATE INDEX refused_calls_listed ON refused_calls (at, number);
CREATE INDEX refused_calls_listed_by_caller ON refused_calls (tenant, caller, at, number);
