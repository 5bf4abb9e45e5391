package keygenmock

import (
	"fmt"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// lookup is a table in which something may be meant.
type lookup interface {
	meant(text string) (ids []string)
}

// follow makes a reference, which may be a name, the id of the object that it
// leads to. None at all is left for a new object.
func follow(reference *string, field, noun string, in ...lookup) (err error) {
	if *reference, err = refer(*reference, noun, in...); err != nil {
		return fmt.Errorf("%s %w", field, err)
	}
	return nil
}

// refer returns the id of the one object that a text refers to; an empty one refers
// to nothing. The error goes on from who says so.
func refer(text, noun string, in ...lookup) (id string, err error) {
	if text == "" {
		return "", nil
	}
	var found []string
	for _, table := range in {
		found = append(found, table.meant(text)...)
	}
	shown := core.Clip(text, core.MaxName)
	switch len(found) {
	case 0:
		return "", fmt.Errorf("names no %s %q of the account: it has to be made first", noun, shown)
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("names %d objects that are called %q: give the id of one", len(found), shown)
	}
}

// told follows a reference in a sheet, which may be a name. None at all is left for
// a new object.
func told(pointer, text, noun string, in lookup) (id string, err error) {
	if id, err = refer(text, noun, in); err != nil {
		return "", core.BadMember(pointer, "%v", err)
	}
	return id, nil
}
