/** The sign of the site. Replace it with your own. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="7" />
      <path d="M7 8.5h10M7 12h7M7 15.5h4" />
    </svg>
  )
}
