/** The page's own outline while the first answer is on its way; words appear only for those who can't see it. */
export function Loading() {
  return (
    <div className="loading">
      <h1 className="hidden">Asking the server what is running here</h1>
      <div className="bone bone-title" />
      <div className="bone bone-line" />
      <div className="bones">
        <div className="bone" />
        <div className="bone" />
        <div className="bone" />
        <div className="bone" />
      </div>
      <div className="bone bone-table" />
    </div>
  );
}
