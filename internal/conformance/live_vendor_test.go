package conformance

import (
	"context"
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// liveVendor is what the live contract has to know of a vendor.
type liveVendor struct {
	name      string
	title     string
	variables []variable
	pause     time.Duration // between an answer and the next call: far below the vendor's limits
	ops       []transport.Op

	// check has a client of the vendor look at the settings.
	check func(liveSettings) error
	// root is the path below the base URL that the paths of probes begin at.
	root func(liveSettings) string
	// credential puts into a header what the vendor knows its customer by, and
	// what it demands of every request.
	credential func(http.Header, liveSettings)

	// greeting is a harmless request, which shows whether the vendor takes the
	// settings.
	greeting func(liveSettings) (method, path, body string)

	// liveDeed is what a call of an operation is up to.
	deed func(*liveCall) liveDeed
	// made are the objects that a successful answer to a call shows to be new.
	made func(*liveCall, answer) []thing
	// find looks for an object that may have been made though no answer says so.
	find func(context.Context, *visit, *thing) ([]thing, error)
	// removal is the request that removes an object, and sweep one that removes
	// several at once; "" if there is none.
	removal func(*thing) (method, path, body string)
	sweep   func([]*thing) (method, path, body string)
	// isGone reports whether an answer says that there is no such object. Where
	// it does not, but there is no success either, a look at the object decides.
	isGone func(answer) bool
	look   func(*thing) (method, path, body string)

	probes  []probe
	unasked []unasked // rules that no probe asks about
	partly  []unasked // rules that are asked about, but not all of what they say

	// pretend are the settings with which the mock passes for the vendor, once it
	// has what liveSeed describes, by the variables in which the standalone
	// program tells a program how to reach it.
	pretend func(environ func(string) string) liveSettings
	base    string // of the vendor itself, which the mock in process answers for
}

// unasked are rules of which something is not asked, and why not.
type unasked struct {
	why   string
	rules string
}

// liveVendors has one entry per vendor.
func liveVendors() []*liveVendor {
	return []*liveVendor{junkieLive(), luaprotLive(), keygenLive(), keycrateLive()}
}

// liveSeed is what the mock has of the things that only a dashboard can make.
const liveSeed = `{
	"junkie": {
		"providers": [{"id": 2001, "name": "live"}],
		"services": [{"id": 3001, "name": "live"}],
		"folders": [{"id": 4001, "name": "live"}]
	},
	"luaprot": {
		"hubs": [{"id": "40511091490620200512", "name": "Live"}, {"id": "40511091490620200513", "name": "Other"}],
		"scripts": [{"id": "50511091490620200512", "hub": "40511091490620200512", "name": "loader"}]
	},
	"keygen": {
		"products": [{"id": "2b8c9d0e-4f51-4a37-9c62-7d1e0f3a5b48", "name": "Live"}]
	}
}`

// standIn has the variables by which the standalone program would tell how to
// reach a server, but for the addresses.
func standIn(s *mockserver.Server) func(string) string {
	return func(name string) string {
		switch name {
		case "JUNKIE_API_KEY":
			return s.Junkie().APIKey()
		case "LUAPROT_API_KEY":
			return s.LuaProt().APIKey()
		case "KEYCRATE_API_KEY":
			return s.Keycrate().APIKey()
		case "KEYCRATE_APP_ID":
			return s.Keycrate().AppID()
		case "KEYGEN_ACCOUNT":
			return s.Keygen().Account()
		case "KEYGEN_TOKEN":
			return s.Keygen().Token()
		case "KEYGEN_PUBLIC_KEY":
			return s.Keygen().PublicKey(keygenmock.Ed25519)
		default:
			return ""
		}
	}
}
