"""The runs of a study: teachers first, then headroom, then every row, seed after seed."""

from pathlib import Path

import pytest

from foveate.discover import names, study
from foveate.errors import RecipeError
from foveate.files import write_json
from foveate.model_file import save_model
from foveate.study.jobs import check_teachers, jobs
from foveate.study.setting import Setting
from foveate.study.study import Entry, Study

ROWS = (
    Entry("8x", "base", "Base", "base", ("--ratio", "8"), seeds=3),
    Entry("8x", "askd", "A-SKD", "askd", ("--ratio", "8"), seeds=2),
    Entry("4x", "base", "Base", "base", ("--ratio", "4"), seeds=1),
)
STUDY = Study("Three rows", "verification", ROWS)


@pytest.fixture
def setting(tmp_path):
    return Setting(tmp_path, ("--data", "faces"), ("--epochs", "3"), tmp_path / "teachers", teacher_seeds=2)


def test_every_row_is_run_with_every_seed_after_teachers_and_headroom(setting):
    assert [job.name for job in jobs(STUDY, setting)] == [
        "1x/teacher-0",
        "1x/teacher-1",
        "headroom/teacher-0",
        "headroom/8x-base-0",
        "headroom/4x-base-0",
        "8x/base-0",
        "8x/askd-0",
        "4x/base-0",
        "8x/base-1",
        "8x/askd-1",
        "8x/base-2",
    ]


def test_a_job_is_a_command_that_can_be_typed(setting, tmp_path):
    by_name = {job.name: job for job in jobs(STUDY, setting)}
    teacher = tmp_path / "teachers/teacher-0.safetensors"
    assert by_name["8x/base-2"].command == (
        f"foveate train base --data faces --ratio 8 --teacher {teacher} --seed 2 --out {tmp_path}/8x/base-2 --resume "
        "--log-every 50"
    )
    assert by_name["8x/base-2"].needs == (teacher,)
    assert by_name["1x/teacher-0"].gives == teacher
    assert "--epochs 3" in by_name["1x/teacher-0"].command
    assert "--epochs" not in by_name["8x/askd-0"].command
    held = [name for name, job in by_name.items() if "--tune --hold-out 0.2" in job.command]
    assert held == ["headroom/teacher-0", "headroom/8x-base-0", "headroom/4x-base-0"]


def test_maps_are_drawn_of_the_first_teacher_and_the_first_students_of_a_group(setting):
    *others, large, small = jobs(Study("Three rows", "looks", ROWS), setting)
    assert [job.name for job in (large, small)] == ["looks/8x", "looks/4x"]
    students = [setting.out / f"8x/{name}-0/model.safetensors" for name in ("base", "askd")]
    assert large.needs == (setting.teachers / "teacher-0.safetensors", *students)
    assert large.command == f"foveate looks {' '.join(map(str, large.needs))} --out {setting.out}/looks/8x.png"
    assert not any(job.name.startswith("looks") for job in others)


def test_a_sweep_judges_every_model_that_was_trained(setting):
    made = jobs(Study("Three rows", "sweep", ROWS), setting)
    trained = [job for job in made if job.result == "results.json"]
    swept = [job for job in made if job.result == "sweep.json"]
    assert trained == list(jobs(STUDY, setting))
    assert [job.name for job in swept] == [f"{job.name}-sweep" for job in trained if "headroom" not in job.name]
    teacher, student = setting.teachers / "teacher-0.safetensors", setting.out / "8x/base-0/model.safetensors"
    assert swept[0].command == f"foveate sweep {teacher} --out {setting.out}/1x/teacher-0/sweep.json"
    assert [job.needs for job in swept[::2]][:2] == [(teacher,), (student,)]
    assert {job.kind for job in made} == {"teacher", "base", "askd", "sweep"}


def _keep_results(setting, *names):
    for name in names:
        (setting.out / name).mkdir(parents=True)
        (setting.out / name / "results.json").write_text("{}")


def test_what_is_chosen_comes_with_all_it_needs(setting):
    swept = Setting(setting.out, teachers=setting.teachers, only=("8x/askd-1-sweep",))
    made = jobs(Study("Three rows", "sweep", ROWS), swept)
    assert [job.name for job in made] == ["1x/teacher-1", "8x/askd-1", "8x/askd-1-sweep"]
    drawn = Setting(setting.out, teachers=setting.teachers, only=("looks/4x",))
    made = jobs(Study("Three rows", "looks", ROWS), drawn)
    assert [job.name for job in made] == ["1x/teacher-0", "4x/base-0", "looks/4x"]


def test_runs_whose_weights_were_not_kept_are_made_again_elsewhere_if_others_need_them(setting):
    _keep_results(setting, "1x/teacher-0", "1x/teacher-1", "8x/base-0", "8x/askd-0", "8x/base-2")
    by_name = {job.name: job for job in jobs(STUDY, setting)}
    teacher, other = by_name["1x/teacher-0"], by_name["1x/teacher-1"]
    again = setting.out / "again/1x/teacher-0"
    assert (teacher.folder, teacher.gives) == (again, setting.teachers / "teacher-0.safetensors")
    assert f"--out {again} --resume" in teacher.command
    assert other.folder == setting.out / "again/1x/teacher-1", "8x/base-1 and others wait for it"
    assert by_name["8x/base-0"].is_done
    swept = {job.name: job for job in jobs(Study("Three rows", "sweep", ROWS), setting)}
    model = setting.out / "again/8x/askd-0/model.safetensors"
    assert swept["8x/askd-0"].folder == model.parent
    assert swept["8x/askd-0-sweep"].needs == (model,)
    assert swept["8x/askd-0-sweep"].folder == setting.out / "8x/askd-0"
    (setting.out / "8x/askd-0/sweep.json").write_text("{}")
    swept = {job.name: job for job in jobs(Study("Three rows", "sweep", ROWS), setting)}
    assert swept["8x/askd-0"].folder == setting.out / "8x/askd-0", "it was swept"


@pytest.mark.parametrize("kind", ["verification", "sweep", "looks"])
def test_where_everything_is_finished_nothing_is_trained_again_whose_weights_are_gone(setting, kind):
    whole = Study("Three rows", kind, ROWS)
    for job in jobs(whole, setting):
        job.folder.mkdir(parents=True, exist_ok=True)
        (job.folder / job.result).write_text("{}")
    assert all(job.is_done for job in jobs(whole, setting))


def test_weights_of_a_teacher_that_was_not_trained_here_are_refused(setting):
    save_model(setting.teachers / "teacher-1.safetensors", {}, {})
    with pytest.raises(RecipeError, match=r"a teacher that was not trained in .*1x/teacher-1"):
        check_teachers(jobs(STUDY, setting))
    (setting.out / "1x/teacher-1").mkdir(parents=True)
    card = {"recipe": "teacher", "arguments": {"epochs": 20}}
    write_json(setting.out / "1x/teacher-1/run.json", {**card, "environment": {"threads": 2}})
    save_model(setting.teachers / "teacher-1.safetensors", {}, card)
    check_teachers(jobs(STUDY, setting))
    save_model(setting.teachers / "teacher-1.safetensors", {}, {**card, "arguments": {"epochs": 30}})
    with pytest.raises(RecipeError, match="a teacher that was not trained in"):
        check_teachers(jobs(STUDY, setting))


def test_fewer_seeds_and_chosen_runs_come_with_what_they_need(setting, tmp_path):
    few = Setting(tmp_path, seeds=1, teacher_seeds=3, only=("8x/a*",))
    assert [job.name for job in jobs(STUDY, few)] == ["1x/teacher-0", "8x/askd-0"]
    ample = [job.name for job in jobs(Study("One row", "verification", ROWS[2:]), Setting(tmp_path, seeds=9))]
    assert [name for name in ample if "/teacher-" in name] == ["1x/teacher-0", "headroom/teacher-0"]
    with pytest.raises(RecipeError, match=r"no run of the study is called '9x/\*'"):
        jobs(STUDY, Setting(tmp_path, only=("9x/*",)))
    with pytest.raises(RecipeError, match="make no study"):
        Setting(tmp_path, seeds=0)


@pytest.mark.parametrize("name", names("studies"))
def test_every_study_has_a_base_in_each_group_rows_of_their_own_name_and_recipes_that_exist(name):
    made = study(name)()
    rows = [(entry.group, entry.name) for entry in made.entries]
    assert len({*rows}) == len(rows)
    assert {(group, "base") for group in made.groups} <= {*rows}
    assert {entry.recipe for entry in made.entries} <= {*names("recipes")}
    assert all(Path(f"{group}/{row}").parts == (group, row) for group, row in rows)
