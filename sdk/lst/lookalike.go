package lst

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"
)

// confusables lists characters that look like a letter or a digit, after it.
// Letters with marks count as the letter.
const confusables = `
a àáâãäåāăąǎạảấầẩẫậắằẳẵặ ɑ α а ᴀ
b ḃḅ ɓ β в ʙ ь ß
c çćĉċč ϲ с ᴄ ¢
d ďđḋḍ ԁ ᴅ
e èéêëēĕėęěẹẻẽếềểễệ е є ε ҽ ᴇ ℮
f ḟ ƒ ғ ꜰ
g ĝğġģǧ ɡ ց ɢ
h ĥħḣḥ һ н η ʜ
i ìíîïĩīĭįıǐịỉ і ι ɪ ӏ ї
j ĵǰ ј ϳ ᴊ
k ķǩḱ к κ ĸ ᴋ қ
l ĺļľŀł ʟ ⅼ ℓ ǀ ∣ ׀ ا
m ṁṃ м ᴍ ⅿ
n ñńņňŉǹṅṇ п ո ɴ η
o òóôõöøōŏőơǒọỏốồổỗộớờởỡợ о ο σ օ ᴏ ٥ ० ০ 〇 ○
p ṕṗ р ρ ᴘ
q ԛ զ
r ŕŗřṙṛ г ʀ ᴦ
s śŝşšșṡṣ ѕ ꜱ ƽ §
t ţťŧțṫṭ т τ ᴛ
u ùúûüũūŭůűųưǔụủứừửữự υ ս ᴜ
v ṽṿ ν ѵ ᴠ
w ŵẁẃẅẇ ԝ ω ᴡ ш щ
x ẋẍ х χ ×
y ýÿŷỳỵỷỹ у γ ү ʏ
z źżžẓ ᴢ з
`

// folded maps each character of confusables to its letter.
var folded = sync.OnceValue(func() map[rune]rune {
	m := make(map[rune]rune)
	for line := range strings.Lines(confusables) {
		fields := strings.Fields(line)
		for i, field := range fields {
			for _, r := range field {
				if i > 0 {
					m[r] = rune(fields[0][0])
				}
			}
		}
	}
	return m
})

// asciiOf returns the ASCII character of a styled one: fullwidth, enclosed, or
// of the mathematical alphabets.
func asciiOf(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E: // fullwidth
		return r - 0xFF01 + '!'
	case r >= 0x1D400 && r <= 0x1D6A3: // mathematical letters, 26 capitals and 26 small ones
		n := (r - 0x1D400) % 52
		if n < 26 {
			return 'A' + n
		}
		return 'a' + n - 26

	case r >= 0x1D7CE && r <= 0x1D7FF: // mathematical digits
		return '0' + (r-0x1D7CE)%10
	case r >= 0x24B6 && r <= 0x24CF: // circled capitals
		return 'A' + r - 0x24B6
	case r >= 0x24D0 && r <= 0x24E9: // circled small letters
		return 'a' + r - 0x24D0
	case r >= 0x1F130 && r <= 0x1F149: // squared capitals
		return 'A' + r - 0x1F130
	}
	return r
}

// isHidden reports whether a character has no width or no ink, or changes the
// direction or the look of others.
func isHidden(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, unicode.ReplacementChar: // fillers
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Cs, unicode.Mn, unicode.Me,
		unicode.Zl, unicode.Zp, unicode.Variation_Selector)
}

// Skeleton returns the form of a symbol or a name in which those that look
// alike are equal: in small letters, without characters that do not show,
// without spaces, points, hyphens and underscores, with the letters that other
// characters look like. It is for comparing only. Skeleton("Jit0SОL") is
// Skeleton("JitoSOL"), where the first О is Cyrillic.
func Skeleton(text string) string {
	table := folded()
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if r < utf8.RuneSelf && (r|0x20 >= 'a' && r|0x20 <= 'z' && r|0x20 != 'i') {
			b.WriteByte(byte(r | 0x20)) // The most frequent case.
			continue
		}

		if isHidden(r) || unicode.IsSpace(r) || strings.ContainsRune(".·-‐‑–—_'’`", r) {
			continue
		}

		r = unicode.ToLower(asciiOf(r))
		if letter, ok := table[r]; ok {
			r = letter
		}

		switch r {
		case '0':
			r = 'o'
		case '1', 'i', '|', '!':
			r = 'l'
		case '5', '$':
			r = 's'
		}

		b.WriteRune(r)
	}
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), "rn", "m"), "vv", "w")
}

// IsPlain reports whether a text consists of printable ASCII characters, as the
// symbols of all entries of [Default] do. Other characters can hide or imitate
// letters.
func IsPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// CleanSymbol returns the symbol for a token that calls itself text: its
// printable ASCII characters, with underscores for spaces. If nothing is left,
// or more than a symbol may have, it is LST- and the beginning of the mint, for
// example "LST-2cWVRi".
func CleanSymbol(text string, mint solana.PublicKey) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '_'
		case r < ' ' || r > '~':
			return -1
		}
		return r
	}, strings.Trim(text, " "))

	if clean == "" || len(clean) > maxSymbol {
		return PlaceholderSymbol(mint)
	}
	return clean
}

// PlaceholderSymbol returns the symbol for a token without a name, or with one
// that cannot be trusted: LST- and the beginning of the mint.
func PlaceholderSymbol(mint solana.PublicKey) string {
	return "LST-" + mint.String()[:6]
}

// CleanName returns the name for a token that calls itself text: its printable
// ASCII characters, at most 128, or the symbol if nothing is left.
func CleanName(text, symbol string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)

	clean = strings.TrimSpace(clean[:min(len(clean), maxName)])
	if clean == "" {
		return symbol
	}
	return clean
}

// Resemblance is a token whose name another token has or imitates.
type Resemblance struct {
	// Of is the entry that the other token resembles.
	Of LST
	// Field is what is alike: "symbol", "name" or "mint".
	Field string
	// Same reports whether the symbols or names are equal, ignoring case, and
	// not only look alike.
	Same bool
}

// The fields of a [Resemblance].
const (
	fieldSymbol = "symbol"
	fieldName   = "name"
	fieldMint   = "mint"
)

// Resembling returns the entries that a token with this mint, symbol and name
// could be mistaken for: entries of other mints with the same symbol or name,
// with one that looks alike, see [Skeleton], or with a mint that begins with
// the same 6 characters, or begins and ends with the same 4. Each entry occurs
// once.
func (r *Registry) Resembling(mint solana.PublicKey, symbol, name string) []Resemblance {
	var found []Resemblance
	symbolForm, nameForm := Skeleton(symbol), Skeleton(name)
	for _, l := range r.All() {
		if l.Mint == mint {
			continue
		}

		switch {
		case strings.EqualFold(l.Symbol, symbol):
			found = append(found, Resemblance{
				Of:    l,
				Field: fieldSymbol,
				Same:  true,
			})

		case symbolForm != "" && Skeleton(l.Symbol) == symbolForm:
			found = append(found, Resemblance{Of: l, Field: fieldSymbol})
		case nameForm != "" && Skeleton(l.Name) == nameForm:
			found = append(found, Resemblance{
				Of:    l,
				Field: fieldName,
				Same:  strings.EqualFold(l.Name, name),
			})

		case mintsAlike(l.Mint, mint):
			found = append(found, Resemblance{Of: l, Field: fieldMint})
		}
	}
	return found
}

// mintsAlike reports whether people who compare the beginning or both ends of
// two mints could take them for one.
func mintsAlike(a, b solana.PublicKey) bool {
	const beginning, end = 6, 4
	x, y := a.String(), b.String()
	alike := func(begin, end int) bool {
		return len(x) >= begin && len(y) >= begin && x[:begin] == y[:begin] &&
			x[len(x)-end:] == y[len(y)-end:]
	}
	return alike(beginning, 0) || alike(end, end)
}
