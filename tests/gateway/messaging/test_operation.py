from gateway.messaging.operation import Operation, OperationKind


def test_key_and_path_follow_from_name_and_version() -> None:
    operation = Operation(
        name="residents/search",
        version=2,
        title="Resident search",
        title_de="Personensuche",
        kind=OperationKind.QUERY,
        repeatable=True,
    )
    assert operation.key == "residents/search/v2"
    assert operation.path == "/v2/residents/search"
