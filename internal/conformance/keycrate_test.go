package conformance

import (
	"slices"
	"testing"
)

var keycrateSuite = suite[*crate]{
	vendor: "keycrate",
	open:   openCrate,
	scenarios: slices.Concat(
		keycrateAccess,
		keycrateRates,
		keycrateInput,
		keycrateCreation,
		keycrateChanges,
		keycrateLists,
		keycrateDevices,
		keycrateSubscriptions,
		keycrateAuth,
		keycrateRegistration,
		keycrateLives,
		keycrateErrors(),
	),
}

func TestKeycrate(t *testing.T) {
	t.Parallel()
	keycrateSuite.run(t)
}
