"""Reads many guests in a few requests that overlap, and finds its way around those that do not answer.

Rules. A request is given up as soon as one of its guests is seen to hold it up; from then on it counts as stuck until
it ends, and its guests are asked again elsewhere: libvirt leaves the one out that holds up the first. With many stuck
guests that would use up the daemon, so the more requests are stuck the less is risked:

* up to 2: all that were not reached are asked again in one request;
* from 3 on: one by one, so that each that answers counts, those whose CPU time moves first;
* from 4 on: only those whose CPU time moves;
* at 6: nobody.

From 3 on a guest that has not answered this driver yet is not taken to be well, and one that is taken to be well is
given half of a call's time.

Who is not asked goes into quarantine, and what needs no monitor is read of it.

A hypervisor without bulk statistics is asked for one guest after another. Whether one that takes long is stuck or slow
nobody tells there: those after it are asked by another request, and its answer is waited for as long as the call lasts.
If it has not come by then the guest is left alone until it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain, islice
from queue import Empty, SimpleQueue
from typing import final

from hvinspect.driver import (
    Absence,
    ConnectionLost,
    Deadline,
    DeadlineExceeded,
    Failure,
    Instance,
    ReadRequest,
    Reason,
    printable,
)

from .absences import NOT_ASKED, NOT_BACK
from .bulk import Answer, occupied_ms, read_unmonitored
from .call import Call, Result
from .lanes import Lane
from .places import MOMENT_S
from .shards import MOST_STUCK, Shards

__all__ = ["read_many"]

#: Fewer guests than this are not worth another request.
_SMALLEST_SHARD = 4
#: With the answers of so many a thread is busy for as long as Python lets it run before another one may.
_MANY = 100
_ALL_AT_ONCE, _ON_SUSPICION = 3, 4
#: Of a call's time, the part before which a request that may cost all others is not looked after.
_CAREFUL_PART = 0.5

#: Makes the record of an answer.
Finish = Callable[[Lane, Answer], Result]
#: Asks for all of several guests.
Ask = Callable[[Lane, Sequence[Instance]], Iterator[Answer]]


def read_many(shards: Shards, request: ReadRequest, lane: Lane, *, ask: Ask, finish: Finish) -> Iterator[Result]:
    """One result for each guest of *request*; *lane* is for what cannot get stuck on a guest."""
    one = _Read(shards, request, lane, ask, finish)
    try:
        yield from one.results()
    finally:
        one.give_up_all()


@final
class _Read:
    """One read of many guests. All but _work() runs on the thread that asked."""

    def __init__(self, shards: Shards, request: ReadRequest, lane: Lane, ask: Ask, finish: Finish) -> None:
        self._shards = shards
        self._request = request
        self._lane = lane
        self._ask = ask
        self._finish = finish
        self._calls: set[Call] = set()
        #: Those without a place: each is at its last guest, which may be slow or stuck.
        self._late: set[Call] = set()
        #: What is to be asked as soon as there is a place, and whether singly.
        self._waiting: list[tuple[Sequence[Instance], bool]] = []
        #: Calls that have something to take, or have ended.
        self._news: SimpleQueue[Call] = SimpleQueue()
        self._done: set[str] = set()
        #: What is handed out of a guest if nothing better comes.
        self._spare: dict[str, Result] = {}
        self._error: BaseException | None = None
        # What is left of a call's time so that all that were not reached can be read without their monitors.
        reserve = min(0.25 * request.deadline.remaining, 0.1 + 0.002 * len(request.instances))
        self._until = request.deadline.earlier(reserve)

    def results(self) -> Iterator[Result]:
        """Those that answer as they come; at the end the others, with what is known of them without their monitors."""
        shards, instances = self._shards, self._request.instances
        if not shards.cap.stuck:
            shards.quarantine.release_all()
        if shards.has_bulk:
            suspects = {*shards.quarantine.keys}
            self._begin_shards([one for one in instances if one.key not in suspects] if suspects else instances)
            self._try_some([one for one in instances if one.key in suspects] if suspects else [])
        else:
            waited_for = {key for key, task in shards.waited_for.items() if not task.ended}
            self._spare = {one.key: _not_back(one) for one in instances if one.key in waited_for}
            self._begin([one for one in instances if one.key not in waited_for], singly=True)
        yield from self._collect()
        if shards.has_bulk:
            self._read_unmonitored([one for one in instances if one.key not in self._done])
        elif self._error is None:
            self._spare = {one.key: _not_back(one) for one in instances}
        yield from (result for key, result in self._spare.items() if key not in self._done)
        if self._error is not None:
            raise self._error

    def give_up_all(self) -> None:
        """Nobody waits for what is still under way."""
        for call in (*self._calls, *self._late):
            self._give_up(call)

    # -- starting requests

    def _begin_shards(self, guests: Sequence[Instance]) -> None:
        shards = self._shards
        wanted = min(shards.room, -(-len(guests) // _SMALLEST_SHARD))
        for number in range(wanted):
            self._begin(guests[number::wanted])

    def _begin(self, guests: Sequence[Instance], *, singly: bool = False) -> None:
        """Ask *guests* on a thread of its own as soon as there is a place for it."""
        if guests:
            self._waiting.append((guests, singly))
            self._begin_waiting()

    def _begin_waiting(self) -> None:
        """Begin what there is a place for. Waits a moment at most: those under way have to be looked after."""
        shards = self._shards
        while self._waiting:
            if shards.cap.stuck >= MOST_STUCK:
                if not self._late:
                    self._waiting.clear()
                break
            if not self._begin_one(*self._waiting[0]):
                break
            del self._waiting[0]

    def _begin_one(self, guests: Sequence[Instance], singly: bool) -> bool:
        shards = self._shards
        if not shards.places.take(lambda: shards.room):
            return False
        # One more that is stuck costs all others now, so those that are likely to be well are asked, and waited for.
        is_careful = shards.has_bulk and shards.cap.stuck >= (_ON_SUSPICION if singly else _ALL_AT_ONCE)
        if is_careful:
            guests = self._still_to_ask(guests, singly)
        if not guests:
            shards.places.give_back()
            return True
        call = Call(guests, singly=singly)
        call.patience_s = shards.pace.patience(self._request.groups, 1 if singly else len(guests), self._until)
        if is_careful:
            call.patience_s = max(call.patience_s, _CAREFUL_PART * self._until.remaining)
        self._calls.add(call)
        try:
            call.task = shards.workers.start(
                partial(self._work, call), Deadline.after(MOMENT_S), "statistics", cap=shards.cap
            )
        except DeadlineExceeded:
            self._end(call)
            return False
        return True

    def _still_to_ask(self, guests: Sequence[Instance], singly: bool) -> Sequence[Instance]:
        """Those of *guests* that may still be asked: another read may have come to doubt them meanwhile."""
        quarantine = self._shards.quarantine
        if singly:
            moving = set(quarantine.moving())
            return [one for one in guests if one.key in moving]
        quarantine.put_unknown(one.key for one in guests)
        return [one for one in guests if one.key not in quarantine]

    def _work(self, call: Call) -> None:
        """Runs on a worker."""
        try:
            with self._shards.lanes.lend(self._until, key=call.guests[0].key) as lane:
                call.lane = lane
                # Not for each guest of a request, and not right before its end: whoever waits would be woken to no use.
                if not call.singly:
                    self._ask_part(call, lane, call.guests)
                else:
                    for one in call.guests:
                        self._ask_part(call, lane, [one])
                        self._news.put(call)
        except BaseException as exc:  # noqa: BLE001  # whoever waits for it raises it
            call.error = exc
        call.has_ended = True
        self._news.put(call)
        del self, call  # else the error's traceback holds the read, and that the error

    def _ask_part(self, call: Call, lane: Lane, part: Sequence[Instance]) -> None:
        if self._until.passed or not call.begin(part[0].key):
            return
        began, turns = time.monotonic_ns(), self._shards.turns
        answers = self._ask(lane, part)
        first = tuple(islice(answers, 1))  # this is the request
        with turns.one() if len(part) > _MANY else nullcontext():
            for answer in chain(first, answers):
                if not call.is_wanted():
                    return  # its guests have been asked elsewhere: what it brings is old
                call.finished.append(self._finish(lane, answer))
                turns.made += 1
        self._shards.pace.note(self._request.groups, (time.monotonic_ns() - began) / 1e9, len(part))

    # -- waiting for them

    def _collect(self) -> Iterator[Result]:
        while not self._until.passed:
            self._begin_waiting()
            if not self._calls and not self._late and not self._waiting:
                break
            wait = min([self._until.remaining, *(one.patience_s / 2 for one in self._calls)])
            wait = min(wait, MOMENT_S) if self._waiting else wait
            try:
                call = self._news.get(timeout=max(0.001, wait))
            except Empty:
                yield from self._taken()
                self._look_after()
                continue
            has_ended = call.has_ended  # looked at first: what it finished until then is taken below
            yield from self._taken()
            if has_ended:
                if call in self._late and call.task is not None:
                    call.task.settle(self._until)  # a moment: it counts as stuck until then
                self._end(call)
                if isinstance(call.error, ConnectionLost):
                    raise call.error
                self._error = call.error or self._error
        yield from self._taken()
        # Whoever is late now is late for this snapshot, well or not.
        self.give_up_all()

    def _taken(self) -> Iterator[Result]:
        """The results that there are by now, each guest's once."""
        for call in (*self._calls, *self._late):
            while call.finished:
                result = call.finished.popleft()
                key = result.instance.key
                call.pending.pop(key, None)
                self._shards.quarantine.answered(key)
                if key not in self._done:
                    self._done.add(key)
                    yield result

    def _end(self, call: Call) -> None:
        self._late.discard(call)
        if call in self._calls:
            self._calls.remove(call)
            self._shards.places.give_back()

    def _give_up(self, call: Call) -> None:
        call.give_up()
        self._end(call)

    def _look_after(self) -> None:
        """See to it that a request that takes long holds up nobody but one guest."""
        if self._shards.has_bulk:
            self._give_up_held()
            return
        for call in [one for one in self._calls if one.is_overdue]:
            slow = call.stop_after_this()
            assert slow is not None  # its request has begun
            self._end(call)
            self._late.add(call)
            self._note_stuck(slow, call)
            self._begin([one for key, one in call.pending.items() if key != slow], singly=True)

    def _give_up_held(self) -> None:
        """Give up the requests that a guest holds up, and ask their other guests again."""
        holding: list[Instance] = []
        others: list[Instance] = []
        given_up: list[Call] = []
        for call in [one for one in self._calls if one.is_overdue]:
            held_by = self._held_up_by(call)
            if held_by is None:
                call.patience_s *= 1.5  # it is slow, and that is nobody's fault
                continue
            given_up.append(call)
            call.give_up()
            for key, instance in call.pending.items():
                (holding if key == held_by else others).append(instance)
            if call.singly:
                self._note_stuck(held_by, call)
        again = self._shards.cap.stuck < _ALL_AT_ONCE
        if not again:
            self._shards.quarantine.put(one.key for one in others)
        for call in given_up:
            self._end(call)  # not earlier: another read that waits for the place is to know whom it may ask
        if again:
            self._begin([*holding, *others])  # libvirt now leaves out what it would have to wait for
        else:
            self._try_some(others)

    def _held_up_by(self, call: Call) -> str | None:
        """The guest of *call* that has not answered for as long as can be waited."""
        began = call.began_ns or 0
        for key, domain in self._lane.domains(call.pending).items():
            occupied, asked = occupied_ms(self._lane, domain), (time.monotonic_ns() - began) // 1_000_000
            # By an earlier request it would be held longer; that one is not waited for.
            if 600 * call.patience_s <= occupied <= asked + MOMENT_S * 1000:
                return key
        return None

    def _note_stuck(self, key: str, call: Call) -> None:
        self._shards.quarantine.got_stuck(key, time.monotonic_ns())
        if not self._shards.has_bulk and call.task is not None:
            waited_for = self._shards.waited_for
            self._shards.waited_for = {other: task for other, task in waited_for.items() if not task.ended}
            self._shards.waited_for[key] = call.task

    def _try_some(self, suspects: Sequence[Instance]) -> None:
        """Read *suspects* without their monitors; then ask those for whom something speaks, or all if it may be."""
        if not suspects:
            return
        self._read_unmonitored(suspects)
        stuck, quarantine = self._shards.cap.stuck, self._shards.quarantine
        moving = set(quarantine.moving())
        chosen = [one for one in suspects if one.key in moving]
        if stuck < _ON_SUSPICION and quarantine.may_try(time.monotonic_ns()):
            chosen += [one for one in suspects if one.key not in moving]
        if chosen and stuck < MOST_STUCK:
            self._begin(chosen, singly=True)

    def _read_unmonitored(self, guests: Iterable[Instance]) -> None:
        """Keep what the daemon itself knows of *guests* for the case that they do not answer."""
        wanted = [one for one in guests if one.key not in self._spare]
        if not wanted:
            return
        why = NOT_ASKED
        if self._error is not None and not isinstance(self._error, DeadlineExceeded):
            why = Absence(Reason.FAILED, printable(self._error))
        for answer in read_unmonitored(self._lane, wanted, self._request.groups, why=why):
            self._spare[answer.instance.key] = self._finish(self._lane, answer)
            cpu = answer.reply.values.get("cpu.time")
            if type(cpu) is int:
                self._shards.quarantine.note_cpu(answer.instance.key, cpu)


def _not_back(instance: Instance) -> Failure:
    return Failure(instance=instance, reason=NOT_BACK.reason, detail=NOT_BACK.detail)
