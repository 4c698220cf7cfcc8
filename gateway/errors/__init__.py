"""Every error a caller can act on, grouped by what happens next.

::

    GatewayError
    ├── ConfigurationError            stop, or close the channels of one adapter; every fault listed
    ├── MessageRefusedError           tell the caller; nothing was accepted
    │   ├── MalformedBodyError            the body cannot be parsed
    │   ├── BodyTooLargeError             longer than the operation allows
    │   ├── UnsupportedMediaTypeError     not the media type the operation takes
    │   │   └── AttachmentTypeError           not a type of attachment that is taken
    │   ├── HeaderInvalidError            a request header cannot be understood
    │   ├── ParameterInvalidError         a parameter in path or query cannot be understood
    │   ├── IdempotencyKeyMissingError    a submission without an Idempotency-Key
    │   ├── IdempotencyMismatchError      the key was used for another call
    │   ├── IdempotencyInProgressError    the call with this key is still under way
    │   ├── MessageInDoubtError           the call with this key may have been carried out
    │   ├── ResultErasedError             the call with this key was answered; it is erased
    │   ├── ContentErasedError            the content of the message is erased
    │   ├── UnknownReplayError            no such replay of many, or another caller's
    │   ├── NotCorrectedError             the message is no corrected copy
    │   ├── NotAuthenticatedError         no valid token
    │   ├── PermissionDeniedError         known caller, not allowed
    │   ├── UnknownOperationError         no such operation or version
    │   ├── UnknownMessageError           no such message, or another caller's
    │   ├── SchemaViolationError          the document breaks its schema
    │   ├── NotExpressibleError           the authority's format cannot carry it
    │   ├── RecipientMissingError         neither header nor document names an authority
    │   ├── RecipientMismatchError        header and document name different authorities
    │   ├── NoRouteError                  no channel leads to the authority
    │   │   ├── ChannelClosedError            its adapter or settings are faulty
    │   │   └── NoTestsTakenError             it takes no messages marked as tests
    │   ├── AttachmentUnknownError        no such attachment, or another caller's
    │   ├── AttachmentUnusableError       the document refers to attachments that are not there
    │   ├── AttachmentInfectedError       the malware scanner found something
    │   ├── AttachmentInUseError          a message refers to it
    │   ├── DigestMismatchError           other content came than the digest says
    │   ├── UploadCutOffError             the caller went away before the end
    │   ├── AnswerNotReadyError           the message has no answer (yet)
    │   ├── UnknownChannelError           no such channel
    │   └── ChannelHeldError              nothing leaves through the channel now: ask again later
    │       ├── AuthorityUnreachableError     its breaker is open
    │       ├── WindowClosedError             the authority takes nothing at this hour
    │       └── ChannelPausedError            an operator paused it
    ├── DeliveryError                 decided by ``gateway.messaging.retry``
    │   ├── NotSentError                  nothing left: retry
    │   │   ├── AuthorityBusyError            it said that it took nothing: retry when it asks to
    │   │   ├── AttachmentUnavailableError    its content cannot be read
    │   │   └── PeerUntrustedError            until the operator acts, every time
    │   ├── OutcomeUnknownError           bytes left, no answer: retry if repeatable, else in_doubt
    │   └── AuthorityRefusedError         it said never: dead
    │       └── AddressMovedError             dead until the operator corrects the channel
    ├── AnswerUnreadableError         invalid; bytes kept, re-readable
    ├── MessageExpiredError           nobody waits for the query any more; never sent again
    ├── TransitionConflictError       the message moved on meanwhile: read its state again
    │   ├── KeyTakenError                 two calls with one key at once: the first one won
    │   ├── MessageCorrectedError         its corrected copy, or its original, may have arrived
    │   ├── SelectionChangedError         not the messages any more that a dry run showed
    │   └── MessageCancelledError         withdrawn before it was delivered
    ├── WorkerUnavailableError        a large body cannot be checked now: nothing was accepted
    ├── ScannerUnavailableError       no attachment is taken without its answer
    ├── BusyError                     too much at a time: come back later; nothing was accepted
    │   ├── ChannelFullError              too much waits for the recipient's backend
    │   ├── TooManyUnderWayError          the caller has too much under way
    │   └── RateLimitedError              the caller's quota is used up
    ├── StoreUnavailableError         refuse new messages, keep nothing in memory
    └── BackupError                   nothing was changed: correct what is named, or use another one

Texts name identifiers, rules, places, kind and length, never message content.
"""

from gateway.errors.attachments import (
    AttachmentInfectedError,
    AttachmentInUseError,
    AttachmentTypeError,
    AttachmentUnavailableError,
    AttachmentUnknownError,
    AttachmentUnusableError,
    DigestMismatchError,
    ScannerUnavailableError,
    UploadCutOffError,
)
from gateway.errors.busy import (
    BusyError,
    ChannelFullError,
    RateLimitedError,
    TooManyUnderWayError,
)
from gateway.errors.error import (
    BackupError,
    ConfigurationError,
    Fault,
    GatewayError,
    Place,
    StoreUnavailableError,
    WorkerUnavailableError,
)
from gateway.errors.held import (
    AuthorityUnreachableError,
    ChannelHeldError,
    ChannelPausedError,
    WindowClosedError,
)
from gateway.errors.journey import (
    AddressMovedError,
    AnswerUnreadableError,
    AuthorityBusyError,
    AuthorityRefusedError,
    DeliveryError,
    KeyTakenError,
    MessageCancelledError,
    MessageCorrectedError,
    MessageExpiredError,
    NotSentError,
    OutcomeUnknownError,
    PeerUntrustedError,
    SelectionChangedError,
    TransitionConflictError,
)
from gateway.errors.refused import (
    AnswerNotReadyError,
    BodyTooLargeError,
    ChannelClosedError,
    ContentErasedError,
    HeaderInvalidError,
    IdempotencyInProgressError,
    IdempotencyKeyMissingError,
    IdempotencyMismatchError,
    MalformedBodyError,
    MessageInDoubtError,
    MessageRefusedError,
    NoRouteError,
    NotAuthenticatedError,
    NotCorrectedError,
    NoTestsTakenError,
    NotExpressibleError,
    ParameterInvalidError,
    PermissionDeniedError,
    RecipientMismatchError,
    RecipientMissingError,
    ResultErasedError,
    SchemaViolationError,
    UnknownChannelError,
    UnknownMessageError,
    UnknownOperationError,
    UnknownReplayError,
    UnsupportedMediaTypeError,
)

__all__ = [
    "AddressMovedError",
    "AnswerNotReadyError",
    "AnswerUnreadableError",
    "AttachmentInUseError",
    "AttachmentInfectedError",
    "AttachmentTypeError",
    "AttachmentUnavailableError",
    "AttachmentUnknownError",
    "AttachmentUnusableError",
    "AuthorityBusyError",
    "AuthorityRefusedError",
    "AuthorityUnreachableError",
    "BackupError",
    "BodyTooLargeError",
    "BusyError",
    "ChannelClosedError",
    "ChannelFullError",
    "ChannelHeldError",
    "ChannelPausedError",
    "ConfigurationError",
    "ContentErasedError",
    "DeliveryError",
    "DigestMismatchError",
    "Fault",
    "GatewayError",
    "HeaderInvalidError",
    "IdempotencyInProgressError",
    "IdempotencyKeyMissingError",
    "IdempotencyMismatchError",
    "KeyTakenError",
    "MalformedBodyError",
    "MessageCancelledError",
    "MessageCorrectedError",
    "MessageExpiredError",
    "MessageInDoubtError",
    "MessageRefusedError",
    "NoRouteError",
    "NoTestsTakenError",
    "NotAuthenticatedError",
    "NotCorrectedError",
    "NotExpressibleError",
    "NotSentError",
    "OutcomeUnknownError",
    "ParameterInvalidError",
    "PeerUntrustedError",
    "PermissionDeniedError",
    "Place",
    "RateLimitedError",
    "RecipientMismatchError",
    "RecipientMissingError",
    "ResultErasedError",
    "ScannerUnavailableError",
    "SchemaViolationError",
    "SelectionChangedError",
    "StoreUnavailableError",
    "TooManyUnderWayError",
    "TransitionConflictError",
    "UnknownChannelError",
    "UnknownMessageError",
    "UnknownOperationError",
    "UnknownReplayError",
    "UnsupportedMediaTypeError",
    "UploadCutOffError",
    "WindowClosedError",
    "WorkerUnavailableError",
]
