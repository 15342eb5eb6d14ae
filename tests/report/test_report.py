"""The page stands alone, tells what the runs say, and trusts none of their text."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from foveate.errors import DataError
from foveate.report.report import report

EMPTY = {"meta", "img", "source", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Elements with their attributes, and whether all were closed in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.words = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page(write_run, write_looks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    write_run(folder / "runs" / "0", "teacher", accuracy=0.9012)
    for seed in range(2):
        write_run(folder / "runs" / f"{1 + seed}", "base", seed, accuracy=0.7 + seed / 100)
    write_run(folder / "runs" / "3", "askd", accuracy=0.7345, centred=0.4321, first=0.5678)
    write_run(folder / "runs" / "4", "askd_kd", 8, finished=False)
    looks = write_looks(folder / "looks.npz")
    return report([folder / "runs"], folder / "page.html", looks=looks, title="A title & more").read_text()


def test_the_page_asks_nothing_of_the_network(page):
    found = Page(page)
    assert not re.search(r"https?://|//[a-z]|@import|url\(", re.sub(r"data:image/png;base64,[\w+/=]+", "", page))
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in found.elements}
    sources = [value for _, given in found.elements for key, value in given.items() if key in ("src", "srcset")]
    assert len(sources) == 2 * 5
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in sources)
    assert all(given["href"].startswith("#") for tag, given in found.elements if tag == "a")


def test_the_page_is_well_formed_and_accessible(page):
    found = Page(page)
    assert found.open == []
    headings = [tag for tag, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert all(given.get("alt") for tag, given in found.elements if tag == "img")
    assert all(given.get("scope") for tag, given in found.elements if tag == "th")
    names = {given["id"] for _, given in found.elements if "id" in given}
    assert {given["aria-labelledby"] for _, given in found.elements if "aria-labelledby" in given} == names


def test_the_numbers_of_the_runs_stand_on_the_page(page):
    text = Page(page).text
    for expected in ("90.12", "[88.12, 92.12]", "70.50", "73.45", "0.8123", "34.56", "0.43", "0.93", "10 min", "56.78"):
        assert expected in text
    assert "A title & more" in text
    assert "c0ffee" * 10 in text


def test_the_page_says_that_intervals_overlap_and_which_seeds_there_were(page):
    text = Page(page).text
    assert "The intervals of A-SKD overlap that of Base: these runs do not settle which is better." in text
    assert "with one seed only" in text


def test_an_unfinished_run_is_named_with_how_far_it_came(page):
    assert "A-SKD+KD, 8x (14 px), seed 8: 40 % of training done" in Page(page).text


def test_every_run_comes_with_its_command(page):
    commands = re.findall(r"<pre>(.*)</pre>", page)
    assert len(commands) == 5
    assert "foveate train teacher --data &#39;my data/faces&#39; --epochs 12 --seed 0" in commands[0]


def test_hostile_names_are_shown_and_not_obeyed(make_run, tmp_path):
    hostile = "<script>alert('x')</script>\"><img src=x onerror=alert(1)> $x^2$ {{ 7 * 7 }}"
    run = make_run(hostile, arguments={"note": hostile}, degradation=hostile)
    text = report([run], tmp_path / "page.html", title=hostile).read_text()
    found = Page(text)
    assert "script" not in {tag for tag, _ in found.elements}
    assert not any("onerror" in given for _, given in found.elements)
    assert hostile in found.text


def test_runs_that_have_only_begun_still_make_a_page(make_run, tmp_path):
    run = make_run("base", finished=False)
    (run / "log.jsonl").unlink()
    text = Page(report([run], tmp_path / "page.html").read_text()).text
    assert "No run has finished with a result on pairs or photos yet." in text
    assert "0 % of training done" in text


def test_the_same_runs_make_the_same_page(make_run, tmp_path):
    run = make_run("base")
    pages = [report([run], tmp_path / name).read_bytes() for name in ("one.html", "two.html")]
    assert pages[0] == pages[1]


def test_no_runs_leave_no_page(tmp_path):
    with pytest.raises(DataError, match="no runs were given"):
        report([], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_the_report_needs_neither_torch_nor_pyplot():
    program = "import sys, foveate.report.report; print(*{'torch', 'matplotlib.pyplot'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
