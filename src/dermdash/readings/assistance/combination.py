"""Several forms of assistance at once, as one modality made of them."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from dermdash.readings.assistance.assistance_form import AssistanceForm, AssistanceInputs, Payload, ShownAdvice
from dermdash.readings.assistance.class_probabilities import MulticlassProbability
from dermdash.readings.assistance.malignancy_probability import MalignancyProbability
from dermdash.readings.assistance.saliency import SaliencyAssistance
from dermdash.readings.assistance.similar_images import SimilarImages
from dermdash.records.taxonomy import Taxonomy


class Combination(AssistanceForm):
    """Its parts in the order in which they are drawn; a subclass names them.

    It needs what any part needs, is there for a case where every part is, and advises what the first part that names a
    diagnosis (else a side) does.
    """

    parts: ClassVar[tuple[AssistanceForm, ...]] = ()

    def __init_subclass__(cls) -> None:
        """What a combination needs follows from its parts."""
        cls.needs_model = any(part.needs_model for part in cls.parts)
        cls.needs_neighbours = any(part.needs_neighbours for part in cls.parts)
        cls.needs_crowd = any(part.needs_crowd for part in cls.parts)
        cls.needs_saliency = any(part.needs_saliency for part in cls.parts)
        cls.places = frozenset().union(*(part.places for part in cls.parts))
        # Similar images of the true class beside wrong probabilities would say which are wrong.
        cls.can_mislead = any(p.can_mislead for p in cls.parts) and not any(
            p.needs_neighbours or p.needs_crowd for p in cls.parts
        )
        cls.persuasion = max((part.persuasion for part in cls.parts), default=AssistanceForm.persuasion)

    def content(self, inputs: AssistanceInputs, taxonomy: Taxonomy) -> Payload | None:
        """The stored form of every part; None where one is not there."""
        made = [part.payload(inputs, taxonomy=taxonomy) for part in self.parts]
        return None if any(one is None for one in made) else {"parts": made}

    def shown_content(self, stored: Mapping[str, Any]) -> Payload:
        """The shown form of every part."""
        return {"parts": [part.shown(one) for part, one in self._stored(stored)]}

    def advice_dx(self, stored: Mapping[str, Any]) -> str | None:
        """That of the first part that names a diagnosis."""
        return next((dx for part, one in self._stored(stored) if (dx := part.advice_dx(one)) is not None), None)

    def advice_correct(self, stored: Mapping[str, Any], *, truth_dx: str, taxonomy: Taxonomy) -> bool | None:
        """Whether the diagnosis it names is right; of none, whether the side that a part names is."""
        if (dx := self.advice_dx(stored)) is not None:
            return dx == truth_dx
        said = (part.advice_correct(one, truth_dx=truth_dx, taxonomy=taxonomy) for part, one in self._stored(stored))
        return next((right for right in said if right is not None), None)

    def numbers(self, stored: Mapping[str, Any], taxonomy: Taxonomy) -> ShownAdvice:
        """The first malignancy probability that a part shows, and how sure the advice is."""
        said = [(part.advice_dx(one), part.numbers(one, taxonomy)) for part, one in self._stored(stored)]
        probability = next((n.advice_probability for _, n in said if n.advice_probability is not None), None)
        named = next((n for dx, n in said if dx is not None), None)
        if named is not None:
            return ShownAdvice(probability, None, named.advice_confidence)
        sided = next((n for _, n in said if n.advice_malignant is not None), ShownAdvice())
        return ShownAdvice(probability, sided.advice_malignant, sided.advice_confidence)

    def _stored(self, stored: Mapping[str, Any]) -> Iterator[tuple[AssistanceForm, Mapping[str, Any]]]:
        return zip(self.parts, stored["parts"], strict=True)


class ProbabilitiesAndSaliency(Combination):
    """What the model thinks, and where it looked."""

    key, label, color = "multiclass_and_saliency", "Class probabilities and saliency map", "#9600f0"
    parts = (MulticlassProbability(), SaliencyAssistance())


class ProbabilitiesAndSimilar(Combination):
    """What the model thinks, and which images it finds like this one."""

    key, label, color = "multiclass_and_cbir", "Class probabilities and similar images", "#d200d2"
    parts = (MulticlassProbability(), SimilarImages())


class EverythingOfTheModel(Combination):
    """All that a model can say of a case."""

    key, label, color = "everything", "All forms of the model together", "#b478b4"
    parts = (MalignancyProbability(), MulticlassProbability(), SaliencyAssistance(), SimilarImages())
