package mockserver

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// masked stands in the journal for what is not shown.
const masked = "***"

// minSecret is how many bytes a text has at least that gives a secret away. A
// shorter one would be found in every other text.
const minSecret = 4

// harmless are the headers that the journal shows of every vendor. Values of
// others are masked unless the vendor says that they are plain.
var harmless = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Allow", "Cache-Control", "Connection", "Content-Encoding", "Content-Length",
	"Content-Type", "Date", "Retry-After", "Server", "Transfer-Encoding", "User-Agent", "Vary",
}

// discretion is what a vendor says of its secrets.
type discretion struct {
	secret map[string]bool // by names; those it lacks are unknown
	isID   func(name, text string) bool
}

func newDiscretion(world core.World) *discretion {
	var told core.Secrets
	if world, ok := world.(core.Discreet); ok {
		told = world.Secrets()
	}
	d := &discretion{secret: make(map[string]bool, len(told.Secret)+len(told.Plain)), isID: told.IsID}
	for _, name := range told.Plain {
		d.secret[name] = false
	}
	for _, name := range told.Secret {
		d.secret[name] = true
	}
	return d
}

// verdict says what becomes of a text.
type verdict uint8

const (
	unknownText verdict = iota // masked
	fineText                   // shown
	secretText                 // masked, wherever it turns up
)

// judge decides about the text under a name.
func (d *discretion) judge(name, text string) verdict {
	isSecret, known := d.secret[name]
	switch {
	case text == "", known && !isSecret, isSecret && d.isID != nil && d.isID(name, text):
		return fineText
	case isSecret:
		return secretText
	default:
		return unknownText
	}
}
