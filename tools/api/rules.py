"""The rules: what may happen to what is promised, how far it moves the version, and why.

``docs/api-rules.md`` is made of this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .findings import Audience, Level

PAGE = "docs/api-rules.md"


class Concern(Enum):
    """Whom a rule's findings concern."""

    #: Those that the symbol is for: callers, driver authors or both.
    USERS = "whoever uses the symbol"
    CALLERS = "callers"
    DRIVER_AUTHORS = "driver authors"
    READERS = "readers of stored data"
    ALL = "everybody"


class Layer(Enum):
    """What applies a rule."""

    STRUCTURE = "the comparison of two surfaces"
    TYPES = "the contract that is made of the baseline, under mypy and pyright"
    DATA = "stored data, the transcript and what was written against the baseline, run on the code of now"


_CONCERNED = {
    Concern.CALLERS: (Audience.CALLER,),
    Concern.DRIVER_AUTHORS: (Audience.DRIVER_AUTHOR,),
    Concern.READERS: (Audience.READER,),
    Concern.ALL: tuple(Audience),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change."""

    id: str
    level: Level
    concern: Concern
    #: The change, as a sentence.
    what: str
    #: What it does to whoever relies on the symbol, or why it does nothing.
    why: str
    layer: Layer = Layer.STRUCTURE

    @property
    def page(self) -> str:
        """Where it is explained."""
        return f"{PAGE}#{self.id}"

    def audiences(self, users: tuple[Audience, ...]) -> tuple[Audience, ...]:
        """Whom a finding on a symbol for *users* concerns."""
        return _CONCERNED.get(self.concern, users)


def _rules(level: Level, concern: Concern, *rows: tuple[str, str, str], layer: Layer = Layer.STRUCTURE) -> list[Rule]:
    return [Rule(name, level, concern, what, why, layer) for name, what, why in rows]


_BREAKS_USERS = _rules(
    Level.MAJOR,
    Concern.USERS,
    # Names
    ("name-removed", "A public name is gone.", "Importing it raises ImportError."),
    ("module-removed", "A public module is gone.", "Importing it raises ModuleNotFoundError."),
    (
        "kind-changed",
        "A name stands for another kind of thing.",
        "What was called, subclassed or compared no longer can be.",
    ),
    (
        "export-split",
        "Two names of one object are two objects now.",
        "isinstance() and `is` across the two modules fail.",
    ),
    ("alias-changed", "A type alias no longer allows what it did.", "Annotations that use it are wrong now."),
    ("constant-changed", "A constant has another value.", "Whoever stored or compared the value is wrong now."),
    ("constant-type-changed", "A constant has another type.", "Its methods and operators are others."),
    ("items-removed", "A constant collection lost a member.", "Whoever relied on its being there misses it."),
    # Functions
    ("parameter-removed", "A parameter is gone.", "A call that gives it raises TypeError."),
    ("parameter-renamed", "A parameter has another name.", "A call that gives it by name raises TypeError."),
    ("parameter-added-required", "A new parameter has no default.", "Every call so far raises TypeError."),
    ("parameter-became-required", "A parameter lost its default.", "A call that left it out raises TypeError."),
    (
        "parameter-moved",
        "A positional parameter is in another place.",
        "Positional calls give the wrong values, silently.",
    ),
    (
        "parameter-kind-narrowed",
        "A parameter can no longer be given by position, or by name.",
        "Calls that did raise TypeError.",
    ),
    (
        "parameter-type-narrowed",
        "A parameter takes less than before.",
        "Calls that were right fail, or a type checker rejects them.",
    ),
    ("default-changed", "A default has another value.", "Calls that leave it out do something else, silently."),
    ("return-widened", "A result may be more than before.", "Callers meet values that they do not handle."),
    ("return-changed", "A result has another type.", "Callers use it as what it no longer is."),
    (
        "async-changed",
        "A function became asynchronous, or stopped being so.",
        "It must be awaited, or no longer can be.",
    ),
    (
        "binding-changed",
        "A method, class method, static method, property or attribute became another of these.",
        "With or without parentheses, on the class or on an instance: one way of using it fails.",
    ),
    (
        "context-manager-changed",
        "A function became a context manager, or stopped being one.",
        "`with` fails, or what is returned is something else.",
    ),
    ("overload-removed", "A way of calling a function is gone.", "Type checkers reject calls that were right."),
    (
        "type-variable-changed",
        "A type variable allows less, or there is another number of them.",
        "Subscripted annotations are wrong now.",
    ),
    # Classes
    ("base-removed", "A class lost a base.", "`except` and isinstance() with that base no longer match."),
    ("metaclass-changed", "A class has another metaclass.", "Classes that inherit from it and another may clash."),
    (
        "final-added",
        "A class or method became final.",
        "Subclasses, or what overrides it, are rejected by type checkers.",
    ),
    ("member-removed", "A member is gone.", "Using it raises AttributeError."),
    ("attribute-type-widened", "An attribute may be more than before.", "Readers meet values that they do not handle."),
    ("attribute-type-changed", "An attribute has another type.", "Readers use it as what it no longer is."),
    (
        "attribute-type-narrowed",
        "An attribute that can be set takes less than before.",
        "Assignments that were right fail.",
    ),
    (
        "attribute-value-changed",
        "An attribute of a class has another value.",
        "Programs that branch on it do something else.",
    ),
    ("became-read-only", "An attribute can no longer be set.", "Assignments raise AttributeError."),
    (
        "frozen-changed",
        "A record became frozen, or stopped being so.",
        "Assignment fails, or what was shared safely can change.",
    ),
    ("ordering-removed", "Objects can no longer be ordered.", "Sorting them raises TypeError."),
    (
        "text-changed",
        "str() or format() of an enum's members gives other words.",
        "They stand in logs, keys and files of those who use it.",
    ),
    ("equality-changed", "Equality is decided in another way.", "Comparisons, sets and dicts give other results."),
    (
        "hash-changed",
        "Objects are no longer hashable, or hash in another way.",
        "They can no longer be keys or members of a set, or are no longer found there.",
    ),
    (
        "slots-changed",
        "A class gained or lost its slots.",
        "vars() or new attributes fail, or the promise of slotted records is broken.",
    ),
    ("weak-reference-removed", "Objects can no longer be referred to weakly.", "weakref.ref() raises TypeError."),
    ("truth-changed", "A class that had no length and no truth value got one.", "`if thing:` means something else."),
    (
        "match-arguments-changed",
        "The positions of a class pattern changed.",
        "`case Thing(a, b)` binds other values or fails.",
    ),
    ("constructor-removed", "A class can no longer be constructed.", "Calls of it fail."),
    (
        "field-excluded",
        "A field of a record no longer takes part in its constructor or its comparison.",
        "Equality or construction changes.",
    ),
    (
        "enum-member-removed",
        "A member of an enum is gone.",
        "Using it raises AttributeError; stored values are no longer known.",
    ),
    (
        "enum-value-changed",
        "A member of an enum has another value.",
        "Stored values and text that is compared are no longer the member.",
    ),
    ("tuple-fields-changed", "A named tuple has other fields or another order.", "Unpacking and indexing break."),
    ("key-removed", "A key of a typed dict is gone.", "Reading it fails."),
    ("key-type-changed", "A key of a typed dict has another type.", "Readers use it as what it no longer is."),
    (
        "key-requirement-changed",
        "A key of a typed dict became required, or stopped being so.",
        "Writers leave it out, or readers find it missing.",
    ),
    ("key-added-required", "A typed dict has a new required key.", "Dicts that were complete no longer are."),
)

_BREAKS_OTHERS = [
    *_rules(
        Level.MAJOR,
        Concern.DRIVER_AUTHORS,
        ("abstract-added", "A hook became abstract.", "Drivers that do not have it cannot be instantiated."),
        (
            "hook-parameter-added",
            "A hook gets a new parameter.",
            "Drivers that were written before do not take it. A new parameter is a new field of the request.",
        ),
        ("hook-parameter-widened", "A hook is given more than before.", "Drivers meet values that they do not handle."),
        ("hook-return-narrowed", "A hook must return less than before.", "What drivers return is no longer right."),
        (
            "check-added",
            "A new conformance check counts at once.",
            "A driver that passed fails. A new check is a preview for one minor.",
        ),
        (
            "driver-entry-point-changed",
            "Drivers are looked for in another entry-point group.",
            "Installed drivers are no longer found.",
        ),
        ("driver-api-lowered", "DRIVER_API is less than it was.", "A contract's number never returns."),
    ),
    *_rules(
        Level.MAJOR,
        Concern.ALL,
        (
            "catalogue-removed",
            "A field of the catalogue is gone.",
            "Whoever reads, stores or fills it has nothing in its place.",
        ),
        (
            "catalogue-unit",
            "A field has another unit.",
            "Every number of it means something else, silently. It is a new field with a new name.",
        ),
        (
            "catalogue-kind",
            "A field has another kind.",
            "Rates are taken of what is no counter, or no longer of what is.",
        ),
        (
            "catalogue-meaning",
            "A field has another meaning.",
            "Numbers of before and after cannot be compared. If only the wording changed, waive it and say so.",
        ),
        ("catalogue-group", "A field moved to another group.", "Whoever asks for the old group no longer gets it."),
        ("catalogue-number", "A field became a number, or stopped being one.", "What adds it up or stores it fails."),
        (
            "catalogue-required",
            "A field that a record needed may be missing, or one that could be missing is needed.",
            "Readers meet None, or records cannot be made.",
        ),
    ),
    *_rules(
        Level.MAJOR,
        Concern.READERS,
        ("schema-kind-removed", "A kind of stored document is gone.", "Documents of it can no longer be read."),
        ("schema-property-removed", "A property of stored data is gone.", "Readers of before do not find it."),
        ("schema-type-changed", "A property of stored data has another type.", "Readers of before misread it."),
        (
            "schema-property-required",
            "A property of stored data is needed that was not.",
            "Documents of before cannot be read.",
        ),
        (
            "schema-property-optional",
            "A property that was in every document may be missing.",
            "Readers of before reject documents of now.",
        ),
        ("schema-value-removed", "A word of stored data is no longer known.", "Documents of before lose it."),
        ("schema-lowered", "SCHEMA is less than it was.", "A format's number never returns."),
    ),
    *_rules(
        Level.MAJOR,
        Concern.CALLERS,
        ("command-removed", "A command is gone.", "Scripts end with an error of usage."),
        (
            "command-parameter-removed",
            "An option or argument is gone, or a spelling of it.",
            "Scripts that give it end with an error of usage.",
        ),
        (
            "command-parameter-required",
            "An option or argument is needed that was not.",
            "Scripts that leave it out end with an error of usage.",
        ),
        (
            "command-parameter-changed",
            "An option takes a value that took none, or the other way, or no longer several.",
            "Command lines are read in another way.",
        ),
        (
            "command-type-changed",
            "An option takes other values.",
            "Scripts that give one that is no longer taken end with an error of usage.",
        ),
        ("command-default-changed", "An option has another default.", "Scripts that leave it out do something else."),
        ("command-argument-moved", "An argument is in another place.", "Command lines are read in another way."),
        (
            "exit-code-changed",
            "An exit code has another number, or is gone.",
            "Scripts that branch on it do something else.",
        ),
        (
            "operator-option-removed",
            "An option of a bridge is gone.",
            "Operators have it in their service's configuration, where it is ignored from now on.",
        ),
        (
            "operator-option-changed",
            "An option of a bridge has another type or default, or takes less.",
            "Operators' configuration is refused, or the service does something else without a word.",
        ),
        (
            "operator-option-required",
            "A bridge has a new option that must be set.",
            "Services that were configured before do not start.",
        ),
        (
            "metric-removed",
            "A field is no longer exported.",
            "Operators' dashboards, rules and alerts that name its metric are empty.",
        ),
        (
            "metric-changed",
            "The metric of a field has another name, type, unit or other labels.",
            "Operators' dashboards, rules and alerts that name it are empty, or show other numbers.",
        ),
        ("driver-removed", "A built-in driver is gone.", "Targets that name it fail."),
        (
            "driver-option-changed",
            "An option of a built-in driver is gone, or has another type or default.",
            "connect() refuses it, or does something else.",
        ),
        ("extra-removed", "An extra is gone.", "Requirements that name it install less."),
        (
            "entry-point-removed",
            "An entry point of the distribution is gone.",
            "Scripts, services and operators' configuration that name the command or plug-in no longer find it.",
        ),
        (
            "dependency-capped",
            "A dependency, or Python, got an upper bound.",
            "hvinspect no longer installs beside what needs a newer one.",
        ),
        ("distribution-renamed", "The distribution has another name.", "Requirements that name it find nothing new."),
        ("typing-removed", "The package is no longer marked as typed.", "Type checkers take all of it for Any."),
    ),
]

_GROWS = [
    *_rules(
        Level.MINOR,
        Concern.USERS,
        ("name-added", "There is a new public name.", "Nothing of before changes."),
        ("module-added", "There is a new public module.", "Nothing of before changes."),
        (
            "alias-widened",
            "A type alias allows more.",
            "What was right still is; where it is returned the signatures say so.",
        ),
        ("items-added", "A constant collection has a new member.", "What was in it still is."),
        ("parameter-added", "There is a new parameter with a default.", "Calls of before do what they did."),
        ("parameter-became-optional", "A parameter got a default.", "Calls of before give it."),
        ("parameter-kind-widened", "A parameter can be given in one more way.", "Calls of before do what they did."),
        ("parameter-type-widened", "A parameter takes more than before.", "Calls of before do what they did."),
        ("return-narrowed", "A result is known more exactly.", "Callers handle it already."),
        ("overload-added", "There is one more way of calling a function.", "Calls of before do what they did."),
        ("deprecated", "A name or parameter is deprecated.", "It still works; users are told what to use instead."),
        ("base-added", "A class got a base.", "isinstance() with it is true now."),
        ("final-removed", "A class or method is no longer final.", "Nothing of before changes."),
        ("abstract-removed", "A hook is no longer abstract, or has a default now.", "Drivers of before have it."),
        ("member-added", "A class has a new member.", "Nothing of before changes."),
        ("attribute-narrowed", "An attribute is known more exactly.", "Readers handle it already."),
        ("became-settable", "An attribute can be set.", "Nothing of before changes."),
        ("ordering-added", "Objects can be ordered.", "Nothing of before changes."),
        ("hash-added", "Objects became hashable.", "Nothing of before changes."),
        ("weak-reference-added", "Objects can be referred to weakly.", "Nothing of before changes."),
        ("match-arguments-added", "A class pattern has one more position.", "Patterns of before match as they did."),
        ("constructor-added", "A class can be constructed by callers.", "Nothing of before changes."),
        (
            "field-included",
            "A field takes part in a constructor or comparison that it did not.",
            "Nothing of before changes.",
        ),
        ("enum-member-added", "An enum has a new member.", "Every enum is open: a match has a default arm."),
        ("key-added", "A typed dict has a new key that may be left out.", "Nothing of before changes."),
        ("hook-widened", "A hook may return more, or is given less.", "Drivers of before are still right."),
    ),
    *_rules(
        Level.MINOR,
        Concern.DRIVER_AUTHORS,
        ("check-counts", "A conformance check that warned counts now.", "It warned for at least one minor."),
        ("check-previewed", "There is a new conformance check that only warns.", "Drivers of before pass."),
        (
            "driver-api-raised",
            "DRIVER_API was raised.",
            "The contract for drivers is a new one; that it had to be is another finding.",
        ),
    ),
    *_rules(
        Level.MINOR,
        Concern.ALL,
        ("catalogue-added", "There is a new field in the catalogue.", "Records may grow."),
    ),
    *_rules(
        Level.MINOR,
        Concern.READERS,
        ("schema-kind-added", "There is a new kind of stored document.", "Documents of before are read as they were."),
        ("schema-property-added", "Stored data has a new property.", "Readers skip what they do not know."),
        ("schema-value-added", "Stored data has a new word.", "Readers take it for unknown."),
        ("schema-raised", "SCHEMA was raised.", "Older readers refuse new documents, and say so."),
    ),
    *_rules(
        Level.MINOR,
        Concern.CALLERS,
        ("command-added", "There is a new command.", "Scripts of before do what they did."),
        (
            "command-parameter-added",
            "A command has a new option, or a new spelling of one.",
            "Scripts of before do what they did.",
        ),
        (
            "command-parameter-optional",
            "An option or argument is no longer needed, or can be repeated.",
            "Scripts of before give it once.",
        ),
        ("command-type-widened", "An option takes more values.", "Scripts of before do what they did."),
        ("exit-code-added", "There is a new exit code.", "A script treats what is not 0 as an error."),
        ("driver-added", "There is a new built-in driver.", "Nothing of before changes."),
        (
            "driver-option-added",
            "A built-in driver has a new option, or an option one more word.",
            "Nothing of before changes.",
        ),
        ("operator-option-added", "A bridge has a new option.", "Who does not set it gets what there was."),
        ("metric-added", "A field is exported that was not.", "Nothing of before changes."),
        ("metric-widened", "A metric has one more label.", "Queries by its name and labels find it as before."),
        ("operator-option-widened", "An option of a bridge takes more.", "What was set is still right."),
        ("extra-added", "There is a new extra.", "Nothing of before changes."),
        ("entry-point-added", "The distribution has a new entry point.", "Nothing of before changes."),
        ("dependency-added", "An extra or the core needs one more distribution.", "It is installed with it."),
        (
            "python-range-changed",
            "The supported versions of Python changed.",
            "Supported ranges change in minors; installers choose a release that fits.",
        ),
    ),
]

_HARMLESS = [
    *_rules(
        Level.PATCH,
        Concern.USERS,
        (
            "parameter-renamed-positional",
            "A parameter that cannot be given by name has another name.",
            "No call can tell.",
        ),
        ("undeprecated", "A name is no longer deprecated, or says it in other words.", "Users are no longer warned."),
        ("check-softened", "A conformance check only warns now.", "Drivers of before pass."),
        ("bases-reordered", "The bases of a class are in another order.", "isinstance() says what it did."),
        (
            "fields-reordered",
            "Keyword-only fields of a record are in another order.",
            "They are used by name. Only pickles, which are not promised, tell.",
        ),
    ),
    *_rules(
        Level.PATCH,
        Concern.ALL,
        ("catalogue-since", "The catalogue names another first version for a field.", "It was wrong before."),
    ),
    *_rules(
        Level.PATCH,
        Concern.CALLERS,
        (
            "dependency-removed",
            "An extra or the core needs one distribution less.",
            "Nothing that hvinspect promises was in it.",
        ),
        ("dependency-uncapped", "A dependency lost an upper bound.", "More versions are allowed."),
    ),
]

_WITNESSED = [
    *_rules(
        Level.MAJOR,
        Concern.USERS,
        (
            "contract-broken",
            "A use that the baseline's types allowed is rejected.",
            "A type checker that accepted a caller's code no longer does.",
        ),
        layer=Layer.TYPES,
    ),
    *_rules(
        Level.MAJOR,
        Concern.DRIVER_AUTHORS,
        (
            "driver-contract-broken",
            "A driver with the baseline's signatures is rejected.",
            "A type checker that accepted a driver no longer does, or it cannot be instantiated.",
        ),
        layer=Layer.TYPES,
    ),
    *_rules(
        Level.MAJOR,
        Concern.READERS,
        ("data-unreadable", "Data that the baseline stored cannot be read.", "Archives are lost."),
        (
            "data-changed",
            "Data that the baseline stored reads as something else.",
            "What was stored changes its value.",
        ),
        (
            "data-unread-by-baseline",
            "Data that is stored now cannot be read by the baseline.",
            "Readers that are not upgraded first fail.",
        ),
        (
            "data-strict",
            "An unknown key or an unknown enum value is refused or misread.",
            "Readers break with the next writer.",
        ),
        ("data-off-schema", "What is stored does not fit the published JSON Schema.", "Who validates rejects it."),
        layer=Layer.DATA,
    ),
    *_rules(
        Level.MAJOR,
        Concern.CALLERS,
        (
            "transcript-changed",
            "A call that was recorded on the fake driver gives another result.",
            "Programs and tests that rely on it fail.",
        ),
        ("old-test-failed", "A public test of the baseline fails.", "What it shows is what callers rely on."),
        (
            "consumer-failed",
            "A frozen consumer no longer passes its type checkers or its run.",
            "Programs like it exist.",
        ),
        layer=Layer.DATA,
    ),
]

RULES: dict[str, Rule] = {rule.id: rule for rule in (*_BREAKS_USERS, *_BREAKS_OTHERS, *_GROWS, *_HARMLESS, *_WITNESSED)}
