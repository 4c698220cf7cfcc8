"""Where the ``type`` of a problem document leads: what each code means and what to do next."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import HTMLResponse

from gateway.api.pages import problem_page
from gateway.api.problems import HTTP_ONLY, Problem, error_classes, problem_of


class ProblemRoutes:
    """``/problems/{code}``; open to everybody."""

    def __init__(self) -> None:
        problems = [problem_of(kind(_meaning(kind))) for kind in error_classes()]
        self.problems: dict[str, Problem] = {one.code: one for one in [*problems, *HTTP_ONLY]}

    def router(self) -> APIRouter:
        """The route for the application; pages for people are not part of the contract."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/problems/{code}", self.page, response_class=HTMLResponse)
        return router

    async def page(self, code: Annotated[str, Path(max_length=100)]) -> str:
        """Describe one code."""
        if code not in self.problems:
            raise HTTPException(404)
        return problem_page(self.problems[code].to_dict())


def _meaning(kind: type[Exception]) -> str:
    """First sentence of the class's docstring; empty where docstrings are stripped."""
    return (kind.__doc__ or "").partition("\n")[0]
