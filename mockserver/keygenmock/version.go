package keygenmock

import (
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var (
	ruleVersionHeader      = rule(obs, "version.header", "Keygen-Version in a request, as 1.8 or v1.8, overrides the account's version; the answer names the one in force.")
	ruleVersionUnsupported = rule(obs, "version.unsupported", "Another version than 1.0 to 1.8 is answered 400 INVALID_API_VERSION.")
	ruleVersionEmpty       = rule(asm, "version.empty", "An empty Keygen-Version counts as not sent.")
	ruleVersionHeaders     = rule(obs, "version.headers", "Up to version 1.3 the headers Keygen-Account, Keygen-Bearer and Keygen-Token end in -Id.")
	ruleVersionPolicy      = rule(obs, "version.policy", "Up to version 1.6 a policy shows leasingStrategy for processLeasingStrategy, up to 1.3 fingerprint strategies for the machine's uniqueness and matching, and up to 1.1 concurrent besides.")
	ruleVersionConcurrent  = rule(asm, "version.concurrent", "concurrent is whether the policy allows any overage.")
)

// version is a version of the API, 1.n.
type version int

// newest is the version of accounts that ask for none.
const newest version = 8

func (v version) String() string { return "1." + strconv.Itoa(int(v)) }

// parseVersion reads a version in one of its spellings.
func parseVersion(s string) (version, bool) {
	minor, found := strings.CutPrefix(strings.TrimPrefix(s, "v"), "1.")
	if !found || len(minor) != 1 || minor[0] < '0' || minor[0] > '8' {
		return 0, false
	}
	return version(minor[0] - '0'), true
}

// readVersion returns the version that holds for a request: the one that its
// header Keygen-Version names, or else the account's.
func readVersion(t *core.Turn, header []string, account version) (version, *badRequest) {
	if len(header) == 0 {
		return account, nil
	}
	if header[0] == "" {
		t.Decided(ruleVersionEmpty)
		return account, nil
	}
	v, ok := parseVersion(header[0])
	if !ok {
		t.Decided(ruleVersionUnsupported)
		return account, &badRequest{
			detail: "unsupported API version requested",
			code:   "INVALID_API_VERSION",
			about:  "https://keygen.sh/docs/api/versioning/",
		}
	}
	t.Decided(ruleVersionHeader)
	return v, nil
}

// identityHeader returns the name of the header for the id of the "Account",
// "Bearer" or "Token".
func (v version) identityHeader(t *core.Turn, of string) string {
	if v > 3 {
		return "Keygen-" + of
	}
	t.Decided(ruleVersionHeaders)
	return "Keygen-" + of + "-Id"
}

// policyNames are the attributes of a policy that older versions know by
// another name, and the last of these versions.
var policyNames = []struct {
	last     version
	now, old string
}{
	{6, "processLeasingStrategy", "leasingStrategy"},
	{3, "machineUniquenessStrategy", "fingerprintUniquenessStrategy"},
	{3, "machineMatchingStrategy", "fingerprintMatchingStrategy"},
}

// policyAttributes shows the attributes of a policy, named as today, as a
// version does.
func (v version) policyAttributes(t *core.Turn, attributes fields) fields {
	shown := slices.Clone(attributes)
	for i, attribute := range shown {
		for _, name := range policyNames {
			if v <= name.last && attribute.name == name.now {
				t.Decided(ruleVersionPolicy)
				shown[i].name = name.old
			}
		}
		if v <= 1 && attribute.name == "overageStrategy" {
			t.Decided(ruleVersionPolicy, ruleVersionConcurrent)
			shown = append(shown, field{"concurrent", attribute.value != "NO_OVERAGE"})
		}
	}
	return shown
}
