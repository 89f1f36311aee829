"""Checks a pack of evidence with nothing but Python 3.9 or newer: python check.py [PACK.zip or folder] [--head HEAD].

Part of slawatch, and written to be read: it shares no code with the program that made the pack.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

START = "0" * 64
PERSONS = {"answer", "interim", "question", "handoff", "refusal"}  # kinds that end the wait for a first response

NAMED_BY = {  # which key of an item of that kind names it
    "request": "request",
    "trail": "request",
    "message": "message",
    "seal": "message",
    "follow-up": "follow_up",
    "review": "review",
    "import": "import",
}


class Folder:
    """The pack as a folder."""

    def __init__(self, path):
        self.path = path

    def names(self):
        """Return every file's name."""
        files = (one for one in self.path.rglob("*") if one.is_file() and "__pycache__" not in one.parts)
        return sorted(one.relative_to(self.path).as_posix() for one in files)

    def read(self, name):
        """Return a file's bytes."""
        return (self.path / name).read_bytes()


class Zip:
    """The pack as it was sent."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)

    def names(self):
        """Return every file's name."""
        return sorted(self.zip.namelist())

    def read(self, name):
        """Return a file's bytes. A file whose own check sum is wrong is read as empty, and then named as changed."""
        try:
            return self.zip.read(name)
        except (zipfile.BadZipFile, OSError):
            return b""


def sha256(data):
    """Return the SHA-256 of bytes or text, in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def canonical(item):
    """Return an item in the form that is hashed: JSON with sorted keys and no blanks, in UTF-8 (RFC 8785)."""
    return json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Check:
    """All that is to be checked, and what is wrong: a line each, the file's name first."""

    def __init__(self, pack):
        self.pack = pack
        self.wrong = []
        self.items = {}  # (kind, name) -> the newest state in the chain
        self.heads = []
        self.waits = 0
        self.sealed = 0
        self.given = 0
        self.left_out = False

    def blame(self, name, words):
        """Note what is wrong with a file."""
        self.wrong.append(name + ": " + words)

    def run(self, head):
        """Check everything, in the order in which one thing rests on the other."""
        names = self.manifest()
        for needed in ("chain.jsonl", "outcomes.json", "requests.csv"):
            if needed not in names:
                self.blame(needed, "is missing")
                return
        self.chain(head)
        try:
            outcomes = json.loads(self.pack.read("outcomes.json"))
            self.left_out = bool(outcomes["redacted"])
            if outcomes["chain"]["head"] not in self.heads:
                self.blame("outcomes.json", "its head is not in chain.jsonl")
            for request in outcomes["requests"]:
                self.request(request, names)
            self.table(outcomes["requests"])
        except (ValueError, KeyError, TypeError) as error:
            self.blame("outcomes.json", "cannot be read (%r)" % error)

    def manifest(self):
        """Hold every file against MANIFEST.sha256."""
        names = set(self.pack.names())
        listed = {}
        if "MANIFEST.sha256" not in names:
            self.blame("MANIFEST.sha256", "is missing")
        else:
            for line in self.pack.read("MANIFEST.sha256").decode("utf-8", "replace").splitlines():
                digest, _, name = line.partition("  ")
                listed[name] = digest
        for name in sorted(set(listed) - names):
            self.blame(name, "is missing")
        for name in sorted(names - set(listed) - {"MANIFEST.sha256"}):
            self.blame(name, "is not in the manifest")
        for name in sorted(names & set(listed)):
            if sha256(self.pack.read(name)) != listed[name]:
                self.blame(name, "was changed since the pack was made")
        return names

    def chain(self, wanted):
        """Work every head out anew, and every item's digest."""
        before = START
        lines = self.pack.read("chain.jsonl").decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            try:
                link = json.loads(line)
                head = sha256("slawatch-link-1\n%d\n%d\n%s\n%s\n" % (number, link["at"], before, link["digest"]))
                if head != link["head"] or number != link["number"]:
                    self.blame("chain.jsonl", "link %d does not follow from the one before" % number)
                item = link.get("item")
                if item is not None:
                    if sha256("slawatch-item-1\n" + canonical(item)) != link["digest"]:
                        self.blame("chain.jsonl", "link %d is not of the item that stands there" % number)
                    self.items[item["kind"], str(item[NAMED_BY[item["kind"]]])] = item
                before = link["head"]
                self.heads.append(before)
            except (ValueError, KeyError, TypeError):
                self.blame("chain.jsonl", "line %d cannot be read" % number)
        if wanted and "".join(wanted.split()).lower() not in self.heads:
            self.blame("chain.jsonl", "does not hold the head you gave, " + wanted)

    def request(self, said, names):
        """Hold a request against the chain, its messages against theirs, and work out its waits."""
        name = said["request"]
        if said["imported"]:
            self.given += 1  # its times were given with it: there is nothing to derive them from
            return
        item = self.items.get(("request", name))
        if item is None:
            self.blame("chain.jsonl", "holds no request " + name)
            return
        for key in ("company", "channel", "accepted_at", "accepted_uncertainty", "submitted_at", "copy_received_at"):
            if said[key] != item[key]:
                self.blame("outcomes.json", "%s of %s is not what the chain says" % (key, name))
        for reply in said["replies"]:
            self.message(reply, name, names)
        for ours in said["follow_ups"]:
            linked = self.items.get(("follow-up", str(ours["follow_up"])))
            if linked is None or linked["sent_at"] != ours["sent_at"] or linked["message"] != ours["message"]:
                self.blame("outcomes.json", "our letter %s of %s is not in the chain" % (ours["follow_up"], name))
        if said["verdict"] != "void":
            self.times(said)

    def message(self, reply, request, names):
        """Hold a message's stamp and raw form against the chain."""
        number = str(reply["message"])
        item = self.items.get(("message", number))
        if item is None:
            self.blame("chain.jsonl", "holds no message %s of %s" % (number, request))
            return
        for key in ("stamp_at", "stamp_earlier", "stamp_later", "raw_sha256"):
            if reply[key] != item[key]:
                self.blame("outcomes.json", "%s of message %s is not what the chain says" % (key, number))
        if ("seal", number) in self.items:
            self.sealed += 1
            return
        if self.left_out:
            return
        if reply["file"] not in names:
            self.blame(reply["file"], "is missing")
        elif sha256(self.pack.read(reply["file"])) != item["raw_sha256"]:
            self.blame(reply["file"], "is not the message that the chain speaks of")

    def times(self, said):
        """Work out both waits from the stamps and kinds that are listed, and hold them against those claimed."""
        name, accepted = said["request"], said["accepted_at"]
        counted = sorted((one["stamp_at"], one["message"], one) for one in said["replies"] if one["counts"])
        persons = [one for _, _, one in counted if one["kind"] in PERSONS]
        first = next((one for one in persons if one["message"] == said["first_reply"]), None)
        answer = next((one for one in persons if one["message"] == said["answer_reply"]), None)
        wait, answer_wait = said["first_response"], said["answer"]
        good = self.one_wait(wait, first, persons, accepted, 0)
        answers = [one for one in persons if one["kind"] == "answer"]
        taken = pauses(persons, said["follow_ups"], accepted, answer["stamp_at"]) if answer else 0
        good_answer = self.one_wait(answer_wait, answer, answers if answer else [], accepted, taken)
        state = "answered" if wait["ended"] else "missed" if wait["length"] >= said["window"] else "pending"
        if not good or not good_answer or state != said["verdict"]:
            self.blame("outcomes.json", "the waits of %s do not follow from its messages" % name)
        self.waits += 2

    @staticmethod
    def one_wait(wait, ended_by, candidates, accepted, taken_off):
        """Whether a wait is what its message makes it, and no earlier message would have ended it."""
        before = [one for one in candidates if max(0, one["stamp_at"] - accepted) - taken_off < wait["length"]]
        if not wait["ended"]:
            return not before
        if ended_by is None or max(0, max(0, ended_by["stamp_at"] - accepted) - taken_off) != wait["length"]:
            return False
        return all(one["message"] == ended_by["message"] for one in before)

    def table(self, requests):
        """Hold the table's rows against the outcomes."""
        text = self.pack.read("requests.csv").decode("utf-8", "replace")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        if len(rows) != len(requests):
            self.blame("requests.csv", "holds %d requests, outcomes.json %d" % (len(rows), len(requests)))
        known = {one["request"]: one for one in requests}
        for row in rows:
            one = known.get(row["request"])
            if one is not None and (row["company"], row["verdict"]) != (one["company"], one["verdict"]):
                self.blame("requests.csv", "its row of %s is not what outcomes.json says" % row["request"])


def pauses(persons, ours, accepted, until):
    """Return how long it was the tester's turn before the answer: from each question until the next letter left.

    A turn that had not ended when the answer came is not taken off: the answer did not need it.
    """
    letters = sorted((one["sent_at"], one["message"]) for one in ours if one["purpose"] == "reply")
    total, turn_until = 0, None
    for reply in persons:
        since = max(reply["stamp_at"], accepted)
        if reply["kind"] != "question" or (turn_until is not None and turn_until > since):
            continue
        ends = [at for at, message in letters if at >= since or message == reply["message"]]
        if not ends:
            break
        turn_until = max(since, ends[0])
        if turn_until <= until:
            total += min(turn_until, until) - since
    return total


def main(arguments=None):
    """Check the pack; return 0 where all is right, 1 where something is not, 2 where there is no pack."""
    parser = argparse.ArgumentParser(description="Checks a pack of evidence made by slawatch.")
    parser.add_argument("pack", nargs="?", help="the pack, as a ZIP or a folder; default: the folder of this file")
    parser.add_argument("--head", default="", help="a head that was printed in a report you hold")
    given = parser.parse_args(arguments)
    path = Path(given.pack) if given.pack else Path(__file__).resolve().parent
    try:
        pack = Folder(path) if path.is_dir() else Zip(path)
    except (OSError, zipfile.BadZipFile) as error:
        sys.stderr.write("%s cannot be read: %s\n" % (path, error))
        return 2
    if not {"MANIFEST.sha256", "chain.jsonl", "outcomes.json"} & set(pack.names()):
        sys.stderr.write("%s is no pack of evidence: name the ZIP, or the folder it was extracted to\n" % path)
        return 2
    check = Check(pack)
    check.run(given.head)
    wrong = list(dict.fromkeys(check.wrong))
    for line in wrong:
        sys.stdout.write("WRONG  " + line + "\n")
    sys.stdout.write("%d links, newest head %s\n" % (len(check.heads), check.heads[-1] if check.heads else "none"))
    sys.stdout.write("%d waits worked out anew\n" % check.waits)
    if check.sealed:
        sys.stdout.write("%d messages are sealed: their raw form was thrown away, their digest stays\n" % check.sealed)
    if check.given:
        sys.stdout.write("%d requests were timed by others: their times are taken as given\n" % check.given)
    if check.left_out:
        sys.stdout.write("The messages themselves were left out of this pack; their digests are in the chain.\n")
    if not given.head:
        sys.stdout.write("No printed head was given: without one a pack made anew as a whole cannot be told.\n")
    things = "thing" if len(wrong) == 1 else "things"
    sys.stdout.write("WRONG: %d %s\n" % (len(wrong), things) if wrong else "All is right.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
