"""What only the real engine can do is refused by name, never passed over."""

from __future__ import annotations

import pytest

CASES = {
    "import_": 'Thing("a", opts=Options(import_="/things/a/"))',
    "retain_on_delete": 'Thing("a", opts=Options(retain_on_delete=True))',
    "deleted_with": 'Thing("a", opts=Options(deleted_with=Group("g")))',
    "replace_with": 'Thing("a", opts=Options(replace_with=[Group("g")]))',
    "replacement_trigger": 'Thing("a", opts=Options(replacement_trigger="x"))',
    "transforms": 'Thing("a", opts=Options(transforms=[lambda args: None]))',
    "stack transform": "pulumi.runtime.register_resource_transform(lambda args: None)",
    "hook": (
        "hook = pulumi.ResourceHook('h', lambda args: None)\n"
        "Thing('a', opts=Options(hooks=pulumi.ResourceHookBinding(before_create=[hook])))"
    ),
    "azure-native:compute:getGallery": (
        "pulumi.Output.from_input("
        "pulumi.runtime.invoke('azure-native:compute:getGallery', {}).value)"
    ),
    "package 'random'": (
        "class Other(CustomResource): pass\nOther('random:index:RandomPet', 'pet', {})"
    ),
    "package 'pulumi'": 'pulumi.StackReference("organization/other/dev")',
    "remote components": (
        "class Remote(ComponentResource): pass\n"
        'Remote("other:index:Remote", "r", {}, None, remote=True)'
    ),
    "asset or archive": 'Thing("a", value=pulumi.StringAsset("x"))',
}


@pytest.mark.parametrize("named", CASES)
def test_unsupported_feature_is_refused_by_name_with_the_way_out(lab, azure, named):
    lab.program(CASES[named])
    assert not lab.run("preview")
    (error,) = lab.errors()
    assert named in error
    assert error.endswith(
        "which the embedded run does not support; rehearse with the Pulumi command "
        "(--engine pulumi), or take it out of the program"
    )
    assert azure.resources == {}


def test_transformations_inside_the_program_are_supported(lab, azure):
    lab.up("""
        def change(args):
            if args.type_ == "azure-native:test:Thing":
                return pulumi.ResourceTransformationResult({**args.props, "value": 9}, args.opts)
        pulumi.runtime.register_stack_transformation(change)
        Thing("a", value=1)
    """)
    assert azure.resources["/things/a/"]["value"] == 9
