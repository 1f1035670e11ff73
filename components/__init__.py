"""The fleet as Pulumi components: one per file, each spelling out one part of the plan.

They decide nothing: every figure, name and id comes from `imagefleet.domain.fleet_plan`, and only
`ImageFleet` knows the others.
"""
