"""Three spreadsheets of a clinic that belong together: patients, lesions, two photographs a lesion."""

from pathlib import Path

from tests.unit.records.spreadsheet_factory import make_workbook

PATIENTS = (
    ("Реестр отделения, 2024",),
    ("№ карты", "ФИО", "Пол", "Возраст"),
    (1, "Иванова А. Б.", "Ж", 45),
    (2, "Петров В. Г.", "М", "85+"),
    (9, "Сидоров Д. Е.", "М", 50),
)
LESIONS = (
    "Очаг;Карта пациента;Диагноз;Локализация;Диаметр, см;Дата осмотра\n"
    "001;001;меланома;спина;0,4;03/04/2024\n"
    "002;002;НЗН;лицо;1,2;05/06/2024\n"
    "003;002;базалиома;ухо левое;2;07.08.2024\n"
    "004;7;невус;спина;1;09.10.2024\n"
)
PHOTOS = (
    "очаг,Фото дерматоскоп,Фото общее,Аппарат\n"
    "1,a1_d.jpg,a1_m.jpg,Heine\n"
    "2,a2_d.jpg,a2_m.jpg,Heine\n"
    "3,a3_d.jpg,,=1+1\n"
    "5,a5_d.jpg,a5_m.jpg,\n"
)
IMAGES = ("a1_d", "a1_m", "a2_d", "a2_m", "a3_d", "a5_d", "a5_m")


def clinic_files() -> dict[str, bytes]:
    """The files by name; that of the lesions is in Windows-1251."""
    return {
        "patients.xlsx": make_workbook({"Пациенты": PATIENTS}),
        "lesions.csv": LESIONS.encode("cp1251"),
        "photos.csv": PHOTOS.encode(),
    }


def write_clinic(folder: Path) -> Path:
    """The files in a folder."""
    folder.mkdir(exist_ok=True)
    for name, data in clinic_files().items():
        (folder / name).write_bytes(data)
    return folder
