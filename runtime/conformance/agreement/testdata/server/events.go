package main

import (
	"context"
	"encoding/json"

	. "agreement.example/generated/agreement"
	"github.com/sockgen/sockgen/runtime/typed"
)

// Each event has a method that sends its value on, and one that takes it back.

func (a *app) Flag(ctx context.Context, s *Socket, v Flag) (Flag, error) {
	return v, forth(ctx, a, s, "flag", v, s.EmitFlag)
}

func (a *app) FlagBack(_ context.Context, s *Socket, v Flag) error {
	return a.back(s, "flag", v)
}

func (a *app) Whole(ctx context.Context, s *Socket, v Whole) (Whole, error) {
	return v, forth(ctx, a, s, "whole", v, s.EmitWhole)
}

func (a *app) WholeBack(_ context.Context, s *Socket, v Whole) error {
	return a.back(s, "whole", v)
}

func (a *app) Small(ctx context.Context, s *Socket, v Small) (Small, error) {
	return v, forth(ctx, a, s, "small", v, s.EmitSmall)
}

func (a *app) SmallBack(_ context.Context, s *Socket, v Small) error {
	return a.back(s, "small", v)
}

func (a *app) Unsigned(ctx context.Context, s *Socket, v Unsigned) (Unsigned, error) {
	return v, forth(ctx, a, s, "unsigned", v, s.EmitUnsigned)
}

func (a *app) UnsignedBack(_ context.Context, s *Socket, v Unsigned) error {
	return a.back(s, "unsigned", v)
}

func (a *app) Big(ctx context.Context, s *Socket, v Big) (Big, error) {
	return v, forth(ctx, a, s, "big", v, s.EmitBig)
}

func (a *app) BigBack(_ context.Context, s *Socket, v Big) error {
	return a.back(s, "big", v)
}

func (a *app) Huge(ctx context.Context, s *Socket, v Huge) (Huge, error) {
	return v, forth(ctx, a, s, "huge", v, s.EmitHuge)
}

func (a *app) HugeBack(_ context.Context, s *Socket, v Huge) error {
	return a.back(s, "huge", v)
}

func (a *app) Single(ctx context.Context, s *Socket, v Single) (Single, error) {
	return v, forth(ctx, a, s, "single", v, s.EmitSingle)
}

func (a *app) SingleBack(_ context.Context, s *Socket, v Single) error {
	return a.back(s, "single", v)
}

func (a *app) Double(ctx context.Context, s *Socket, v Double) (Double, error) {
	return v, forth(ctx, a, s, "double", v, s.EmitDouble)
}

func (a *app) DoubleBack(_ context.Context, s *Socket, v Double) error {
	return a.back(s, "double", v)
}

func (a *app) Words(ctx context.Context, s *Socket, v Words) (Words, error) {
	return v, forth(ctx, a, s, "words", v, s.EmitWords)
}

func (a *app) WordsBack(_ context.Context, s *Socket, v Words) error {
	return a.back(s, "words", v)
}

func (a *app) Blob(ctx context.Context, s *Socket, v Blob) (Blob, error) {
	return v, forth(ctx, a, s, "blob", v, s.EmitBlob)
}

func (a *app) BlobBack(_ context.Context, s *Socket, v Blob) error {
	return a.back(s, "blob", v)
}

func (a *app) Instant(ctx context.Context, s *Socket, v Instant) (Instant, error) {
	return v, forth(ctx, a, s, "instant", v, s.EmitInstant)
}

func (a *app) InstantBack(_ context.Context, s *Socket, v Instant) error {
	return a.back(s, "instant", v)
}

func (a *app) Period(ctx context.Context, s *Socket, v Period) (Period, error) {
	return v, forth(ctx, a, s, "period", v, s.EmitPeriod)
}

func (a *app) PeriodBack(_ context.Context, s *Socket, v Period) error {
	return a.back(s, "period", v)
}

func (a *app) Key(ctx context.Context, s *Socket, v Key) (Key, error) {
	return v, forth(ctx, a, s, "key", v, s.EmitKey)
}

func (a *app) KeyBack(_ context.Context, s *Socket, v Key) error {
	return a.back(s, "key", v)
}

func (a *app) Level(ctx context.Context, s *Socket, v Level) (Level, error) {
	return v, forth(ctx, a, s, "level", v, s.EmitLevel)
}

func (a *app) LevelBack(_ context.Context, s *Socket, v Level) error {
	return a.back(s, "level", v)
}

func (a *app) Share(ctx context.Context, s *Socket, v Share) (Share, error) {
	return v, forth(ctx, a, s, "share", v, s.EmitShare)
}

func (a *app) ShareBack(_ context.Context, s *Socket, v Share) error {
	return a.back(s, "share", v)
}

func (a *app) Ratio(ctx context.Context, s *Socket, v Ratio) (Ratio, error) {
	return v, forth(ctx, a, s, "ratio", v, s.EmitRatio)
}

func (a *app) RatioBack(_ context.Context, s *Socket, v Ratio) error {
	return a.back(s, "ratio", v)
}

func (a *app) Score(ctx context.Context, s *Socket, v Score) (Score, error) {
	return v, forth(ctx, a, s, "score", v, s.EmitScore)
}

func (a *app) ScoreBack(_ context.Context, s *Socket, v Score) error {
	return a.back(s, "score", v)
}

func (a *app) Stock(ctx context.Context, s *Socket, v Stock) (Stock, error) {
	return v, forth(ctx, a, s, "stock", v, s.EmitStock)
}

func (a *app) StockBack(_ context.Context, s *Socket, v Stock) error {
	return a.back(s, "stock", v)
}

func (a *app) Title(ctx context.Context, s *Socket, v Title) (Title, error) {
	return v, forth(ctx, a, s, "title", v, s.EmitTitle)
}

func (a *app) TitleBack(_ context.Context, s *Socket, v Title) error {
	return a.back(s, "title", v)
}

func (a *app) Digest(ctx context.Context, s *Socket, v Digest) (Digest, error) {
	return v, forth(ctx, a, s, "digest", v, s.EmitDigest)
}

func (a *app) DigestBack(_ context.Context, s *Socket, v Digest) error {
	return a.back(s, "digest", v)
}

func (a *app) Wait(ctx context.Context, s *Socket, v Wait) (Wait, error) {
	return v, forth(ctx, a, s, "wait", v, s.EmitWait)
}

func (a *app) WaitBack(_ context.Context, s *Socket, v Wait) error {
	return a.back(s, "wait", v)
}

func (a *app) RoomID(ctx context.Context, s *Socket, v RoomID) (RoomID, error) {
	return v, forth(ctx, a, s, "roomID", v, s.EmitRoomID)
}

func (a *app) RoomIDBack(_ context.Context, s *Socket, v RoomID) error {
	return a.back(s, "roomID", v)
}

func (a *app) Serial(ctx context.Context, s *Socket, v Serial) (Serial, error) {
	return v, forth(ctx, a, s, "serial", v, s.EmitSerial)
}

func (a *app) SerialBack(_ context.Context, s *Socket, v Serial) error {
	return a.back(s, "serial", v)
}

func (a *app) Address(ctx context.Context, s *Socket, v Address) (Address, error) {
	return v, forth(ctx, a, s, "address", v, s.EmitAddress)
}

func (a *app) AddressBack(_ context.Context, s *Socket, v Address) error {
	return a.back(s, "address", v)
}

func (a *app) Amount(ctx context.Context, s *Socket, v Amount) (Amount, error) {
	return v, forth(ctx, a, s, "amount", v, s.EmitAmount)
}

func (a *app) AmountBack(_ context.Context, s *Socket, v Amount) error {
	return a.back(s, "amount", v)
}

func (a *app) Document(ctx context.Context, s *Socket, v Document) (Document, error) {
	return v, forth(ctx, a, s, "document", v, s.EmitDocument)
}

func (a *app) DocumentBack(_ context.Context, s *Socket, v Document) error {
	return a.back(s, "document", v)
}

func (a *app) Colour(ctx context.Context, s *Socket, v Colour) (Colour, error) {
	return v, forth(ctx, a, s, "colour", v, s.EmitColour)
}

func (a *app) ColourBack(_ context.Context, s *Socket, v Colour) error {
	return a.back(s, "colour", v)
}

func (a *app) Mood(ctx context.Context, s *Socket, v Mood) (Mood, error) {
	return v, forth(ctx, a, s, "mood", v, s.EmitMood)
}

func (a *app) MoodBack(_ context.Context, s *Socket, v Mood) error {
	return a.back(s, "mood", v)
}

func (a *app) Names(ctx context.Context, s *Socket, v Names) (Names, error) {
	return v, forth(ctx, a, s, "names", v, s.EmitNames)
}

func (a *app) NamesBack(_ context.Context, s *Socket, v Names) error {
	return a.back(s, "names", v)
}

func (a *app) Marks(ctx context.Context, s *Socket, v Marks) (Marks, error) {
	return v, forth(ctx, a, s, "marks", v, s.EmitMarks)
}

func (a *app) MarksBack(_ context.Context, s *Socket, v Marks) error {
	return a.back(s, "marks", v)
}

func (a *app) Grid(ctx context.Context, s *Socket, v Grid) (Grid, error) {
	return v, forth(ctx, a, s, "grid", v, s.EmitGrid)
}

func (a *app) GridBack(_ context.Context, s *Socket, v Grid) error {
	return a.back(s, "grid", v)
}

func (a *app) Scores(ctx context.Context, s *Socket, v Scores) (Scores, error) {
	return v, forth(ctx, a, s, "scores", v, s.EmitScores)
}

func (a *app) ScoresBack(_ context.Context, s *Socket, v Scores) error {
	return a.back(s, "scores", v)
}

func (a *app) Files(ctx context.Context, s *Socket, v Files) (Files, error) {
	return v, forth(ctx, a, s, "files", v, s.EmitFiles)
}

func (a *app) FilesBack(_ context.Context, s *Socket, v Files) error {
	return a.back(s, "files", v)
}

func (a *app) Wrapped(ctx context.Context, s *Socket, v Wrapped) (Wrapped, error) {
	return v, forth(ctx, a, s, "wrapped", v, s.EmitWrapped)
}

func (a *app) WrappedBack(_ context.Context, s *Socket, v Wrapped) error {
	return a.back(s, "wrapped", v)
}

func (a *app) Maybe(ctx context.Context, s *Socket, v Maybe) (Maybe, error) {
	return v, forth(ctx, a, s, "maybe", v, s.EmitMaybe)
}

func (a *app) MaybeBack(_ context.Context, s *Socket, v Maybe) error {
	return a.back(s, "maybe", v)
}

func (a *app) Defaults(ctx context.Context, s *Socket, v Defaults) (DefaultsInput, error) {
	return v.AsInput(), forth(ctx, a, s, "defaults", v.AsInput(), s.EmitDefaults)
}

func (a *app) DefaultsBack(_ context.Context, s *Socket, v Defaults) error {
	return a.back(s, "defaults", v.AsInput())
}

func (a *app) Shape(ctx context.Context, s *Socket, v Shape) (Shape, error) {
	return v, forth(ctx, a, s, "shape", v, s.EmitShape)
}

func (a *app) ShapeBack(_ context.Context, s *Socket, v Shape) error {
	return a.back(s, "shape", v)
}

func (a *app) Content(ctx context.Context, s *Socket, v Content) (Content, error) {
	return v, forth(ctx, a, s, "content", v, s.EmitContent)
}

func (a *app) ContentBack(_ context.Context, s *Socket, v Content) error {
	return a.back(s, "content", v)
}

func (a *app) Tree(ctx context.Context, s *Socket, v Tree) (Tree, error) {
	return v, forth(ctx, a, s, "tree", v, s.EmitTree)
}

func (a *app) TreeBack(_ context.Context, s *Socket, v Tree) error {
	return a.back(s, "tree", v)
}

func (a *app) Nest(ctx context.Context, s *Socket, v Nest) (Nest, error) {
	return v, forth(ctx, a, s, "nest", v, s.EmitNest)
}

func (a *app) NestBack(_ context.Context, s *Socket, v Nest) error {
	return a.back(s, "nest", v)
}

func (a *app) Step(ctx context.Context, s *Socket, v Step) (Step, error) {
	return v, forth(ctx, a, s, "step", v, s.EmitStep)
}

func (a *app) StepBack(_ context.Context, s *Socket, v Step) error {
	return a.back(s, "step", v)
}

func (a *app) Grade(ctx context.Context, s *Socket, v Grade) (Grade, error) {
	return v, forth(ctx, a, s, "grade", v, s.EmitGrade)
}

func (a *app) GradeBack(_ context.Context, s *Socket, v Grade) error {
	return a.back(s, "grade", v)
}

func (a *app) Place(ctx context.Context, s *Socket, v Place) (PlaceInput, error) {
	return v.AsInput(), forth(ctx, a, s, "place", v.AsInput(), s.EmitPlace)
}

func (a *app) PlaceBack(_ context.Context, s *Socket, v Place) error {
	return a.back(s, "place", v.AsInput())
}

func (a *app) Card(ctx context.Context, s *Socket, v Card) (CardInput, error) {
	return v.AsInput(), forth(ctx, a, s, "card", v.AsInput(), s.EmitCard)
}

func (a *app) CardBack(_ context.Context, s *Socket, v Card) error {
	return a.back(s, "card", v.AsInput())
}

func (a *app) Bundle(ctx context.Context, s *Socket, v Bundle) (BundleInput, error) {
	return v.AsInput(), forth(ctx, a, s, "bundle", v.AsInput(), s.EmitBundle)
}

func (a *app) BundleBack(_ context.Context, s *Socket, v Bundle) error {
	return a.back(s, "bundle", v.AsInput())
}

func (a *app) AnyText(ctx context.Context, s *Socket, v Promise) (PromiseInput, error) {
	return v.AsInput(), forth(ctx, a, s, "any text!", v.AsInput(), s.EmitAnyText)
}

func (a *app) AnyTextBack(_ context.Context, s *Socket, v Promise) error {
	return a.back(s, "any text!", v.AsInput())
}

func (a *app) Anything(ctx context.Context, s *Socket, v json.RawMessage) (json.RawMessage, error) {
	return v, forth(ctx, a, s, "anything", v, s.EmitAnything)
}

func (a *app) AnythingBack(_ context.Context, s *Socket, v json.RawMessage) error {
	return a.back(s, "anything", v)
}

func (a *app) Nullable(ctx context.Context, s *Socket, v typed.Null[Whole]) (typed.Null[Whole], error) {
	return v, forth(ctx, a, s, "nullable", v, s.EmitNullable)
}

func (a *app) NullableBack(_ context.Context, s *Socket, v typed.Null[Whole]) error {
	return a.back(s, "nullable", v)
}

func (a *app) Plain(ctx context.Context, s *Socket, v []Point) ([]Point, error) {
	return v, forth(ctx, a, s, "plain", v, s.EmitPlain)
}

func (a *app) PlainBack(_ context.Context, s *Socket, v []Point) error {
	return a.back(s, "plain", v)
}

func (a *app) Strict(ctx context.Context, s *Socket, v Bundle) (BundleInput, error) {
	return v.AsInput(), forth(ctx, a, s, "strict", v.AsInput(), s.EmitStrict)
}

func (a *app) StrictBack(_ context.Context, s *Socket, v Bundle) error {
	return a.back(s, "strict", v.AsInput())
}

func (a *app) Move(ctx context.Context, s *Socket, v Move) error {
	return forth(ctx, a, s, "move", MovedInput(v.AsInput()), s.EmitMoved)
}

func (a *app) MoveBack(_ context.Context, s *Socket, v MoveBack) error {
	return a.back(s, "move", MovedInput(v.AsInput()))
}

func (a *app) Attach(ctx context.Context, s *Socket, v Attach) error {
	return forth(ctx, a, s, "attach", Attached(v), s.EmitAttached)
}

func (a *app) AttachBack(_ context.Context, s *Socket, v AttachBack) error {
	return a.back(s, "attach", Attached(v))
}
