package redact

import "strings"

// text takes secrets out of plain text: the values of NAME=VALUE, as form data and query strings have them, what
// follows Bearer and Basic, JSON web tokens, private keys, and user and password of URLs.
func (r Redactor) text(s string) string {
	if strings.Contains(s, "PRIVATE KEY-----") {
		return Replacement
	}
	if strings.Contains(s, "://") && strings.Contains(s, "@") {
		s = withoutUserInfo(s)
	}
	if !strings.Contains(s, "=") && !strings.Contains(s, "eyJ") && !hasScheme(s) {
		return s
	}
	var out strings.Builder
	for done := 0; done < len(s); {
		length := strings.IndexAny(s[done:], " \t\r\n&;?,")
		if length < 0 {
			length = len(s) - done
		}
		out.WriteString(r.word(s[done : done+length]))
		if hasScheme(s[done : done+length]) { // what follows is the secret
			out.WriteString(" " + Replacement)
			return out.String()
		}
		if done += length; done < len(s) {
			out.WriteByte(s[done])
			done++
		}
	}
	return out.String()
}

func (r Redactor) word(s string) string {
	if name, value, ok := strings.Cut(s, "="); ok && value != "" && r.secret(name) {
		return name + "=" + Replacement
	}
	if at := strings.Index(s, "eyJ"); at >= 0 && strings.Count(s[at:], ".") >= 2 {
		return s[:at] + Replacement
	}
	return s
}

// hasScheme tells whether a text has, or is, the name of a scheme of HTTP authentication.
func hasScheme(s string) bool {
	for _, scheme := range []string{"Bearer", "bearer", "BEARER", "Basic", "BASIC"} {
		if s == scheme || strings.Contains(s, scheme+" ") {
			return true
		}
	}
	return false
}

// withoutUserInfo rewrites scheme://user:password@host.
func withoutUserInfo(s string) string {
	var out strings.Builder
	for {
		at := strings.Index(s, "://")
		if at < 0 {
			out.WriteString(s)
			return out.String()
		}
		at += len("://")
		out.WriteString(s[:at])
		s = s[at:]
		end := strings.IndexAny(s, "/?# \t\r\n\"'<>")
		if end < 0 {
			end = len(s)
		}
		if user := strings.LastIndexByte(s[:end], '@'); user >= 0 {
			out.WriteString(Replacement)
			s = s[user:]
		}
	}
}
