"""Small logs in each public dialect, written as their studies write them."""

from dermdash.records.taxonomy import HAM7

NATURE_HEADER = (
    ["image_id"] + [f"prob_m_dx_{c}" for c in HAM7.codes] + ["prob_m_mal"] + [f"prob_h_dx_{c}" for c in HAM7.codes]
    + ["interaction_modality"] + [f"user_dx_without_interaction_{c}" for c in HAM7.codes]
    + [f"user_dx_with_interaction_{c}" for c in HAM7.codes]
)  # fmt: skip
NATURE_MODALITIES = (
    "Malignancy Probability (AI)", "Multiclass Probabilities (AI)", "CBIR (AI)", "Multiclass Probabilities (Crowd)",
)  # fmt: skip


def nature_medicine(*, decimal: str = ",", delimiter: str = ",", images: int = 6) -> str:
    """Every image with every second modality; three participants, of whom one changes to the truth (class i % 7)."""
    lines = [delimiter.join(NATURE_HEADER)]
    for i in range(images):
        truth = i % 7
        shares = [0.4 if c == truth else 0.1 for c in range(7)]
        numbers = [f"{v:.4f}".replace(".", decimal) for v in (*shares, shares[0] + shares[1] + shares[4])]
        crowd = [f"{v:.4f}".replace(".", decimal) for v in shares]
        quoted = [f'"{n}"' if decimal == delimiter else n for n in (*numbers, *crowd)]
        for modality in NATURE_MODALITIES[i % 2 :: 2]:
            before, after = [0] * 7, [0] * 7
            before[truth], before[(truth + 1) % 7] = 1, 2
            after[truth], after[(truth + 1) % 7] = 2, 1
            cells = [f"ISIC_{i:07}", *quoted[:8], *quoted[8:], modality, *map(str, before), *map(str, after)]
            lines.append(delimiter.join(cells))
    return "\n".join(lines) + "\n"


def truth_csv(images: int = 6) -> str:
    """The ISIC 2018 ground truth of the images of `nature_medicine`."""
    order = ("MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC")
    lines = ["image," + ",".join(order)]
    for i in range(images):
        truth = HAM7.codes[i % 7].upper()
        lines.append(f"ISIC_{i:07}," + ",".join("1.0" if name == truth else "0.0" for name in order))
    return "\n".join(lines) + "\n"


DERMACHALLENGE = """\
test_id,tequ_user_id,image_isic_id,tequ_no,tequ_time,tequ_correct,answer,probType,image_diag_id,profession,age_group,gender
t1,u1,ISIC_0000001,1,8.5,0,NV,no help,MEL,medicalStudent,20-30,f
t1,u1,ISIC_0000002,2,6.25,1,BKL,no help,BKL,medicalStudent,20-30,f
t1,u1,ISIC_0000001,11,4.0,1,MEL,multiclass,MEL,medicalStudent,20-30,f
t1,u1,ISIC_0000002,12,3.0,1,BKL,cbir,BKL,medicalStudent,20-30,f
t2,u1,ISIC_0000001,1,5.0,1,MEL,no help,MEL,medicalStudent,20-30,f
t2,u1,ISIC_0000001,11,5.0,0,timeout,Some new help,MEL,medicalStudent,20-30,f
t3,u2,ISIC_0000002,1,5.0,1,BKL,no help,BKL,boardCertifiedDermatologist,41-50,m
t3,u2,ISIC_0000002,11,2.0,0,NV,multiclass,BKL,boardCertifiedDermatologist,41-50,m
"""

SISTER = """\
tequ_user_id;test_id;test_round;image_id;image_isic_id;tequ_no;tequ_correct;answer;manage;image_diag_id;tequ_mode_id;expected_accuracy_2pl;ability_2pl;age;yob;profession;gender
u1;s1;1;7;ISIC_0000007;1;1,0;SCCKA;manage_biopsy;SCCKA;radio_radio_management47;0,6431;non_expert;;;dermatologyResident;
u1;s1;1;7;ISIC_0000007;1;0,0;INF;manage_dismiss;SCCKA;radio_radio_management47_help;0,6431;non_expert;;;dermatologyResident;
u1;s1;1;8;ISIC_0000008;2;0,0;MEL;manage_monitor;NV;radio_radio_management47;0,6431;non_expert;;;dermatologyResident;
u1;s1;1;8;ISIC_0000008;2;1,0;NV;manage_localtherapy;NV;radio_radio_management47_help;0,6431;non_expert;;;dermatologyResident;
u2;s2;2;7;ISIC_0000007;1;;;;SCCKA;radio_radio_management47;0,8;expert;;;boardCertifiedDermatologist;
u2;s2;2;7;ISIC_0000007;1;1,0;SCCKA;manage_biopsy;SCCKA;radio_radio_management47_help;0,8;expert;;;boardCertifiedDermatologist;
"""


def phase_study(phase: int, *, participants: tuple[str, ...] = ("p1", "p2"), named_twice: bool = True) -> str:
    """Fourteen images a group; the 13th is the 3rd again. Odd images are melanomas, which phase 2 and 3 see more of."""
    lines = ["participant,group,mask,benign_malignant,prediction,confidence,trust,AI_prediction,language"]
    for p, participant in enumerate(participants):
        group = p % 2 + 1
        for i in range(1, 15):
            shown = 3 if i == 13 else i
            mask = f"g{group}_{shown if named_twice else i:02}"
            malignant = shown % 2 == 1
            said = "1" if malignant and (phase > 1 or i < 8) else "0.5" if i == 14 else "0"
            trust = "" if phase == 1 else "7"
            advice = "" if phase == 1 and i == 13 else str(int(malignant))
            verdict = "malignant" if malignant else "benign"
            lines.append(f"{participant},{group},{mask},{verdict},{said},{5 + phase},{trust},{advice},en")
    return "\n".join(lines) + "\n"


WIDE = """\
Reader ID;Picture;Truth;First;Second;Sure 1;Sure 2;Help;Seconds 1;Comment
A;img1.jpg;Melanoma;Nevus;Melanoma;2;4;AI;7,5;=HYPERLINK("x")
A;img2.jpg;Nevus;Nevus;Nevus;3;5;AI;3,25;
B;img1.jpg;Melanoma;Melanoma;;1;;AI;2;
"""
WIDE_MAPPING = {
    "Reader ID": "reader", "Picture": "case", "Truth": "truth_dx", "First": "dx_unaided", "Second": "dx_aided",
    "Sure 1": "confidence_unaided", "Sure 2": "confidence_aided", "Help": "modality", "Seconds 1": "client_s_unaided",
    "modality:AI": "multiclass_probability", "scale:confidence": "1-5",
}  # fmt: skip
