"""Every way in which a program gets at the keys of a Batch account, and what only looks like it."""

from __future__ import annotations

import pytest

from imagefleet.review.shared_keys import BAD, GOOD, UnreadableSource, key_uses


@pytest.mark.parametrize(
    ("source", "what", "line"),
    [
        (BAD, "list_batch_account_keys", 2),
        (
            "batch.list_batch_account_keys_output(account_name=a)",
            "list_batch_account_keys_output",
            1,
        ),
        (
            "import x\nazure.batch.v20240701.list_batch_account_keys(1)",
            "list_batch_account_keys",
            2,
        ),
        (
            "from pulumi_azure_native.batch import list_batch_account_keys as keys\nkeys('a')",
            "list_batch_account_keys",
            2,
        ),
        ("name.apply(batch.list_batch_account_keys)", "list_batch_account_keys", 1),
        ("getattr(batch, 'list_batch_account_keys')('a')", "list_batch_account_keys", 1),
        ("invoke('azure-native:batch:listBatchAccountKeys', {})", "listBatchAccountKeys", 1),
        (
            "invoke(tok='azure-native:batch/v20240701:listBatchAccountKeys')",
            "listBatchAccountKeys",
            1,
        ),
        (
            "invoke('azure-native_batch_v20240701:batch:listBatchAccountKeys')",
            "listBatchAccountKeys",
            1,
        ),
        ("client.batch_account.get_keys('rg', 'a')", "batch_account.get_keys", 1),
        ("batchAccount.regenerate_key('rg')", "batchAccount.regenerate_key", 1),
        (
            "from azure.batch.batch_auth import SharedKeyCredentials as S\nS('a', 'k')",
            "SharedKeyCredentials",
            2,
        ),
        ("batch_auth.SharedKeyCredentials('a', 'k')", "SharedKeyCredentials", 1),
    ],
)
def test_a_use_of_keys_is_found(source, what, line):
    assert [(use.what, use.line) for use in key_uses(source.encode())] == [(what, line)]


@pytest.mark.parametrize(
    "source",
    [
        GOOD,
        "from pulumi_azure_native.batch import list_batch_account_keys",
        '"""Do not call list_batch_account_keys."""',
        "# batch.list_batch_account_keys()",
        "storage.list_storage_account_keys('a')",
        "client.storage_accounts.get_keys()",
        "print('azure-native:batch:getBatchAccount')",
        "FORBIDDEN = ('list_batch_account_keys',)",
        "",
    ],
)
def test_what_only_looks_like_it_is_not(source):
    assert key_uses(source.encode()) == []


@pytest.mark.parametrize("source", [b"def", b"\x00", b"x = '\xff'", b"(" * 5000])
def test_what_is_no_python_is_refused_with_the_reason(source):
    with pytest.raises(UnreadableSource, match="Python"):
        key_uses(source)
