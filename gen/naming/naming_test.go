// SPDX-License-Identifier: Apache-2.0

package naming

import (
	"go/token"
	"slices"
	"strings"
	"testing"
)

// Words in order, initialisms as Go spells them.
func TestIdentifiers(t *testing.T) {
	for _, test := range []struct{ name, pascal, camel string }{
		{"message:send", "MessageSend", "messageSend"},
		{"clientMessage", "ClientMessage", "clientMessage"},
		{"room_id", "RoomID", "roomID"},
		{"roomId", "RoomID", "roomID"},
		{"RoomID", "RoomID", "roomID"},
		{"id", "ID", "id"},
		{"ID", "ID", "id"},
		{"userIDs", "UserIDs", "userIDs"},
		{"user_ids", "UserIDs", "userIDs"},
		{"ids", "IDs", "ids"},
		{"HTTPServer", "HTTPServer", "httpServer"},
		{"http:url", "HTTPURL", "httpURL"},
		{"httpUrl", "HTTPURL", "httpURL"},
		{"jsonAPI", "JSONAPI", "jsonAPI"},
		{"parseJSONBody", "ParseJSONBody", "parseJSONBody"},
		{"URLs", "URLs", "urls"},
		{"IDSeen", "IDSeen", "idSeen"},
		{"typing:changed", "TypingChanged", "typingChanged"},
		{"/admin/audit-log", "AdminAuditLog", "adminAuditLog"},
		{"v2Beta", "V2Beta", "v2Beta"},
		{"oauth2", "Oauth2", "oauth2"},
		{"OAuth2", "OAuth2", "oAuth2"},
		{"utf8Text", "UTF8Text", "utf8Text"},
		{"not_member", "NotMember", "notMember"},
		{"a.b-c_d:e/f g", "ABCDEFG", "aBCDEFG"},
		{"__proto__", "Proto", "proto"},
		{"2fa", "2fa", "2fa"},
		{"", "", ""},
		{"_:_", "", ""},
		{"übung", "Bung", "bung"},
		{"at", "At", "at"},
		{"idea", "Idea", "idea"},
		{"gids", "Gids", "gids"},
	} {
		if got := Pascal(test.name); got != test.pascal {
			t.Errorf("Pascal(%q) = %q, want %q", test.name, got, test.pascal)
		}
		if got := Camel(test.name); got != test.camel {
			t.Errorf("Camel(%q) = %q, want %q", test.name, got, test.camel)
		}
	}
}

// A document may have initialisms of its own.
func TestInitialisms(t *testing.T) {
	s := NewSpeller([]string{"SDP", "ice"})
	for _, test := range []struct{ name, pascal, camel string }{
		{"SDPOffer", "SDPOffer", "sdpOffer"},
		{"sdp:offer", "SDPOffer", "sdpOffer"},
		{"offerSdp", "OfferSDP", "offerSDP"},
		{"SDPs", "SDPs", "sdps"},
		{"ICECandidate", "ICECandidate", "iceCandidate"},
		{"ice_id", "ICEID", "iceID"},
		{"device", "Device", "device"},
	} {
		if got := s.Pascal(test.name); got != test.pascal {
			t.Errorf("Pascal(%q) = %q, want %q", test.name, got, test.pascal)
		}
		if got := s.Camel(test.name); got != test.camel {
			t.Errorf("Camel(%q) = %q, want %q", test.name, got, test.camel)
		}
	}
	if got := Pascal("SDPOffer"); got != "SdpOffer" {
		t.Errorf("without them, SDPOffer becomes %q", got)
	}
}

// What people write is text, also where it takes signs that are not seen.
func TestHidden(t *testing.T) {
	const scotland = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
	for _, test := range []struct {
		text  string
		found bool
		r     rune
	}{
		{"", false, 0},
		{"chat message", false, 0},
		{"a\tb", false, 0},
		{"می\u200cخواهم", false, 0},
		{"👩\u200d💻", false, 0},
		{"flag " + scotland + "!", false, 0},
		{"👍🏽 ❤\ufe0f", false, 0},
		{"a\nb", true, '\n'},
		{"a\u200bb", true, '\u200b'},
		{"a\u202eb", true, '\u202e'},
		{"a\ufeff", true, '\ufeff'},
		{"\xff", true, '\ufffd'},
		{"a\U000e0067\U000e007f", true, '\U000e0067'},                    // tags of no emoji
		{"\U0001f3f4\U000e0067\U000e0062", true, '\U000e0067'},           // without an end
		{"\U0001f3f4\U000e007f", true, '\U000e007f'},                     // an end alone
		{"\U0001f3f4\U000e0020\U000e0067\U000e007f", true, '\U000e0020'}, // a space among them
		{"\U0001f3f4" + strings.Repeat("\U000e0067", 40) + "\U000e007f", true, '\U000e0067'}, // a text in hiding
	} {
		if r, found := Hidden(test.text); found != test.found || r != test.r {
			t.Errorf("Hidden(%+q) = %U, %v; want %U, %v", test.text, r, found, test.r, test.found)
		}
	}
}

func TestWithoutAccents(t *testing.T) {
	for text, want := range map[string]string{"übung": "ubung", "Éclair à la Æ": "Eclair a la Ae", "straße": "strasse", "ЖЖ": "ЖЖ", "plain": "plain"} {
		if got := WithoutAccents(text); got != want {
			t.Errorf("WithoutAccents(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		name string
		want []string
	}{
		{"message:send", []string{"message", "send"}},
		{"HTTPServerURLs", []string{"http", "server", "urls"}},
		{"aBC", []string{"a", "bc"}},
		{"ABc", []string{"a", "bc"}},
		{"x1Y2", []string{"x1", "y2"}},
		{"--", nil},
	} {
		if got := Words(test.name); !slices.Equal(got, test.want) {
			t.Errorf("Words(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}

func TestReservedNames(t *testing.T) {
	for _, test := range []struct {
		name                        string
		keyword, predeclared, types bool
	}{
		{"func", true, false, false},
		{"default", true, false, true},
		{"type", true, false, false},
		{"string", false, true, false},
		{"len", false, true, false},
		{"await", false, false, true},
		{"class", false, false, true},
		{"message", false, false, false},
		{"Type", false, false, false},
	} {
		if IsGoKeyword(test.name) != test.keyword || IsGoPredeclared(test.name) != test.predeclared || IsTypeScriptReserved(test.name) != test.types {
			t.Errorf("%q: keyword %v, predeclared %v, TypeScript %v", test.name,
				IsGoKeyword(test.name), IsGoPredeclared(test.name), IsTypeScriptReserved(test.name))
		}
	}
}

// The first to claim a name keeps it, and whoever comes later learns who that is.
func TestScope(t *testing.T) {
	var s Scope[string]
	if _, ok := s.Owner("A"); ok {
		t.Error("an empty scope has an owner")
	}
	if holder, ok := s.Claim("A", "first"); !ok || holder != "first" {
		t.Errorf("the first claim gave %q, %v", holder, ok)
	}
	if holder, ok := s.Claim("A", "second"); ok || holder != "first" {
		t.Errorf("the second claim gave %q, %v", holder, ok)
	}
	if holder, ok := s.Claim("a", "third"); !ok || holder != "third" {
		t.Errorf("another case gave %q, %v", holder, ok)
	}
	if owner, ok := s.Owner("A"); !ok || owner != "first" {
		t.Errorf("the owner is %q, %v", owner, ok)
	}
}

// An identifier is one whatever the name, unless it is empty or begins with a
// digit; making it again changes nothing.
func FuzzPascal(f *testing.F) {
	for _, s := range []string{"message:send", "HTTPServer", "IDs", "a1B", "ÄÖ", "\xff", "9a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		ident := Pascal(name)
		if ident == "" || isDigit(ident[0]) {
			return
		}
		if !token.IsIdentifier(ident) || !token.IsExported(ident) || strings.ContainsFunc(ident, func(r rune) bool { return r >= 0x80 }) {
			t.Fatalf("Pascal(%q) = %q, which is no exported identifier", name, ident)
		}
	})
}
