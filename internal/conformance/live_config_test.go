package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The live contract is switched on by the environment, vendor by vendor. All of
// its variables begin with livePrefix and the vendor's name, as in
// KEYSMITH_LIVE_JUNKIE_API_KEY. CONTRIBUTING.md lists them.
const livePrefix = "KEYSMITH_LIVE_"

// liveMock is KEYSMITH_LIVE=mockserver: the vendors to ask are those of the
// standalone program, by whose exec command the test runs.
const (
	liveSwitch = "KEYSMITH_LIVE"
	liveMock   = "mockserver"
)

// variable is one setting of a vendor.
type variable struct {
	name     string // after the vendor's
	means    string
	optional bool // more can be asked with it
	secret   bool
}

// baseURL is asked for as well, so that nobody reaches a production account by
// leaving something out.
var baseURL = variable{name: "BASE_URL", means: "the address of the API, such as the client's DefaultBaseURL"}

// liveSettings are the values of a vendor's variables, by their short names.
type liveSettings map[string]string

func (v *liveVendor) variable(name string) string {
	return livePrefix + strings.ToUpper(v.name) + "_" + name
}

// livePlan is what the environment asks for: which vendors, and how to reach
// them. A variable that is missing or unknown is an error, so that no run is
// silently smaller than it was meant to be.
func livePlan(environ []string) (map[string]liveSettings, error) {
	values := map[string]string{}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, livePrefix) && value != "" {
			values[name] = value
		}
	}
	plan := map[string]liveSettings{}
	var problems []error
	for _, v := range liveVendors() {
		set, err := v.settings(values)
		if err != nil {
			problems = append(problems, err)
		}
		if len(set) > 0 {
			plan[v.name] = set
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		problems = append(problems, fmt.Errorf("there is no variable %s: CONTRIBUTING.md lists those that there are", name))
	}
	return plan, errors.Join(problems...)
}

// settings takes the vendor's variables out of the values. Without any of them
// the vendor is not asked.
func (v *liveVendor) settings(values map[string]string) (liveSettings, error) {
	set := liveSettings{}
	var missing []string
	for _, variable := range v.variables {
		name := v.variable(variable.name)
		if value, told := values[name]; told {
			set[variable.name] = value
			delete(values, name)
		} else if !variable.optional {
			missing = append(missing, fmt.Sprintf("%s (%s)", name, variable.means))
		}
	}
	switch {
	case len(set) == 0:
		return nil, nil
	case len(missing) > 0:
		return nil, fmt.Errorf("%s cannot be asked: set %s as well", v.title, strings.Join(missing, ", "))
	}
	set[baseURL.name] = strings.TrimSuffix(set[baseURL.name], "/")
	if err := v.check(set); err != nil {
		return nil, fmt.Errorf("%s cannot be asked with these variables: %w", v.title, err)
	}
	return set, nil
}

// secrets are the values that no text may show.
func (v *liveVendor) secrets(set liveSettings) []string {
	var secrets []string
	for _, variable := range v.variables {
		if value := set[variable.name]; variable.secret && value != "" {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// throughMockserver adds the vendors of the standalone program to an environment
// that asks for them, after it has given the program what is in liveSeed.
func throughMockserver(ctx context.Context, environ []string) ([]string, error) {
	lookup := func(name string) string {
		for _, entry := range environ {
			if value, found := strings.CutPrefix(entry, name+"="); found {
				return value
			}
		}
		return ""
	}
	switch asked := lookup(liveSwitch); {
	case asked == "":
		return environ, nil
	case asked != liveMock:
		return nil, fmt.Errorf("%s=%s: only %s is known", liveSwitch, asked, liveMock)
	case lookup("MOCKSERVER_ADMIN_URL") == "":
		return nil, fmt.Errorf("%s=%s: run the test by mockserver exec, which says where the mock is", liveSwitch, liveMock)
	}
	if err := plantSeed(ctx, lookup("MOCKSERVER_ADMIN_URL"), lookup("MOCKSERVER_ADMIN_TOKEN")); err != nil {
		return nil, err
	}
	for _, v := range liveVendors() {
		for name, value := range v.pretend(lookup) {
			environ = append(environ, v.variable(name)+"="+value)
		}
	}
	return environ, nil
}

// plantSeed has the control plane of a mock make what is in liveSeed.
func plantSeed(ctx context.Context, admin, token string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, admin+"/seed", strings.NewReader(liveSeed))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("the mock does not take the seed: status %d", resp.StatusCode)
	}
	return nil
}

// isNear reports whether an address is that of this very machine, where no
// vendor minds how fast it is called.
func isNear(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
