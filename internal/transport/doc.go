// Package transport takes one call of an operation from request to decoded
// answer. It carries every vendor and knows none: what differs between them
// is in [Config], [Op] and the vendor's own error dialect.
//
// The loop of attempts is go-retryablehttp's. What is decided in it is decided
// here: the policy table says which [Class] repeats which situation and what
// the attempt did to the vendor's state, and the [Outcome] of the call follows.
// An attempt counts as not sent only with proof: net/http reported that it
// asked for a connection and never got one.
package transport
